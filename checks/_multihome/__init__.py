"""Private to checks/multihome.py: what the kernel is asked, the doors that follow from it, the rules."""
