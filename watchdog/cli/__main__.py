"""`python -m watchdog.cli`: as the installed script, for who knows the interpreter and not where that is."""

from watchdog.cli import main

main()
