"""What people and scripts read: pages, stories, JSON and the audit. Reads the record only."""
