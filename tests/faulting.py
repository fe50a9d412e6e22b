"""A writer whose disk fails: ``python -m tests.faulting`` prints a line of JSON for each fault.

`strace` lets the Nth call of a system call fail, once. The writer must refuse with the error's
name, and the next attempt of the same process must succeed.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from scraper.archive import Archive
from scraper.errors import ArchiveError
from tests.archiving import opened
from tests.crash_work import broken, contents, done, step, work
from tests.crashing import Child, traced

STEPS, MORE = 8, 14
# The first sixteen writes make the memory that SQLite's processes share; then come the logs.
FAULTS = (
    *(f"pwrite64:error=EIO:when={n}" for n in (2, 12, 18, 21, 26, 34, 47)),
    *(f"pwrite64:error=ENOSPC:when={n}" for n in (5, 17, 20, 24, 30, 41, 60)),
    *(f"fdatasync:error=EIO:when={n}" for n in (1, 3, 4, 7)),
    *(f"pread64:error=EIO:when={n}" for n in (1, 12, 40)),
    "ftruncate:error=ENOSPC:when=1",
)


def fail(folder: Path, fault: str) -> dict[str, object]:
    """Fill an archive, let a fault strike while it is written on, and say what came of it."""
    work(folder / "a", 0, STEPS, lambda n: None)
    said = folder / "said"

    def write(tell: Callable[[int], None]) -> None:
        n, errors = STEPS, []
        while n < MORE:
            try:
                with opened(folder / "a") as archive:
                    while n < MORE:
                        # What was refused may yet be there: a failed sync tells nothing either way.
                        n = max(n, done_so_far(archive))
                        if n < MORE:
                            step(archive, n)
                            tell(n)
                            n += 1
            except ArchiveError as error:
                errors.append((error.error_class, error.message))
                if len(errors) > 5:
                    break
        said.write_text(json.dumps(errors), encoding="utf-8")

    child = Child(write)
    with traced(child, fault):
        child.start()
        status, told = child.end()
    errors = json.loads(said.read_text(encoding="utf-8")) if said.exists() else []
    work(folder / "b", 0, MORE, lambda n: None)
    crash, calm = contents(folder / "a"), contents(folder / "b")
    return {
        "fault": fault,
        "status": status,
        "told": told,
        "errors": errors,
        "broken": broken(folder / "a"),
        "done": done(folder / "a"),
        "differs": [table for table in calm if crash[table] != calm[table]],
    }


def done_so_far(archive: Archive) -> int:
    """Return the number of steps that an open archive holds."""
    connection = archive._store.connection
    (latest,) = connection.execute("select count(distinct at) from fetches").fetchone()
    return int(latest)


def main() -> None:
    """Try all faults, or those that are named."""
    for fault in sys.argv[1:] or FAULTS:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(fail(Path(folder), fault), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
