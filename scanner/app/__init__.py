"""Use cases: what a command does, without how it is asked for or shown."""
