"""``python -m scraper``, and the command ``scraper``."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line, quietly ended by Ctrl-C from the first moment that can be."""
    try:
        from scraper.cli import main as command_line

        command_line(prog_name="scraper")
    except KeyboardInterrupt:
        # While modules were loaded, or after the command ended.
        sys.stderr.write("scraper: interrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
