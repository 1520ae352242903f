"""Healing for a daemon that may do nothing: a small process of root's does what the owner opted in to, no more.

The daemon decides, journals and verifies. It asks over a Unix socket, names what it wants healed, and gets a
plan that this side made: from the settings that it read itself, on what it saw itself, by the remediation
itself. Only the steps of that plan are done, in their order, each once, soon; and later only what takes back
what was done, of which root keeps a list of its own (`ledger`).

`messages` is what is said, `framing` how; `duty` decides; `server` and `client` are the two ends.

What the daemon says is believed in two things, as no one else knows them: what the checks remember (that a port
was a proxy's once, that a bond had a member), and which incidents are open beside the one. So a daemon in the
wrong hands can have done what its owner opted in to, where the remediation finds its conditions met on this
host; no more often than [healing] allows, never to the last healthy one, and nothing of its own invention.
"""
