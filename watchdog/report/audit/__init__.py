"""The report: what a period was like, gathered from the record once (gather), summed up (pure), then rendered.

All arithmetic is done on one line of nanoseconds (axis): CLOCK_BOOTTIME of one boot after the other. The wall
clock appears where people read, and with it what is known of how wrong it was (clock).
"""
