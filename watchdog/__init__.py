"""The engine of the host watchdog. It knows no check and no remediation by name."""
