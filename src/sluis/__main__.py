"""``python -m sluis``."""

from sluis.cli import main

main()
