"""What wakes the daemon. A signal says that something changed, never what: who is woken looks for itself."""
