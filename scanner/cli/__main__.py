"""`python -m scanner.cli` is `civicseal`."""

from scanner.cli import main

main()
