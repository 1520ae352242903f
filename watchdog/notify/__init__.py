"""Notifying: what waits in the outbox is sent, each target with its own result and retries, all at the same time.

This process keeps the outbox (delivery.py), another one sends (sender.py, the only user of apprise): see child.py.
"""

from watchdog.notify.contracts import Drained, Pace, ReadUrl
from watchdog.notify.delivery import Courier
from watchdog.notify.draining import drain

__all__ = ["Courier", "Drained", "Pace", "ReadUrl", "drain"]
