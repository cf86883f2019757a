"""``sluis``, and ``python -m sluis``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run one command and exit, also where Ctrl-C comes while it is still being read from disk."""
    try:
        from sluis.cli import main as run  # noqa: PLC0415 - it is this that takes the time

        run()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted: nothing was lost\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
