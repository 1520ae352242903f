"""Pure parsers of what Linux and its daemons say: text or messages in, plain values out, no I/O."""
