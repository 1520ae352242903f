"""Private parts of the remediation forbid_ntp_step."""
