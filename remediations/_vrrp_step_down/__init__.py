"""Private to remediations/vrrp_step_down.py: what the check's evidence must tell, and when this host may go."""
