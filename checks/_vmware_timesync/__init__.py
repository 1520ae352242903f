"""Private parts of the check vmware_timesync."""
