"""What ntp_can_step is made of: what a configuration lets a daemon do, how it is read, and what to advise."""
