"""What clock_sync is made of: how servers are asked, who keeps the clock, the vote, the course of the offset."""
