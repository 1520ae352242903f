"""Private to remediations/add_policy_route.py: what must hold before it, and the files that make it last."""
