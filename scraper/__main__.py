"""``python -m scraper``, and the command ``scraper``."""

from __future__ import annotations

import signal
import sys

__all__ = ["main"]

# 128 + SIGINT, as shells count.
_INTERRUPTED = 130


def main() -> None:
    """Run the command line, quietly ended by Ctrl-C from the first moment that can be."""
    try:
        from scraper.cli import main as command_line

        command_line(prog_name="scraper")
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            # A second Ctrl-C, while the process is ending, would change the exit code.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise
    except KeyboardInterrupt:
        # While modules were loaded, or after the command ended.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.stderr.write("scraper: interrupted\n")
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
