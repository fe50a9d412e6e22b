"""What must hold of the alerts, and after kills, a lack of memory and a full disk."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from tests.soak.conduct import Run
from tests.soak.receiver import Delivery
from tests.soak.truth import Criterion, Truth

__all__ = ["alerts", "faults"]


def alerts(run: Run, truth: Truth, db: sqlite3.Connection) -> Iterator[Criterion]:
    """Compare the messages that were taken with the ledger, and the ledger with what was served."""
    ledger = db.execute(
        "select c.id, c.kind, c.severity, a.url from changes c join articles a on a.id = c.page_id"
    ).fetchall()
    edited = Counter(
        row["url"] for row in ledger if row["kind"] in ("edited", "retitled", "reverted")
    )
    edits = {url: truth.edits(url) for url in truth.article}
    wrong = [
        f"{url}: {least} to {most} times another text, {edited[url]} entries"
        for url, (least, most) in edits.items()
        if not least <= edited[url] <= most
    ]
    least, most = (sum(values) for values in zip(*edits.values(), strict=True))
    yield Criterion(
        name="edits in the ledger = times another text was served",
        figure=f"{edited.total():,} of {least:,}, or {most:,} with texts of before that one look"
        f" showed; {len(wrong)} articles differ",
        holds=not wrong,
        examples=tuple(wrong),
    )
    due = {
        ("gone" if row["kind"] == "gone" else "edits", row["id"])
        for row in ledger
        if row["kind"] == "gone" or (row["kind"] != "new" and row["severity"] >= 1)
    }
    taken = [delivery for delivery in run.receiver.log if delivery.taken]
    sent = Counter(
        (alert["rule"], alert["data"]["cursor"])
        for delivery in {delivery.key: delivery for delivery in taken}.values()
        for alert in delivery.body["alerts"]
        if alert["rule"] != "starts"
    )
    twice = [f"{rule} {change}: sent {n} times" for (rule, change), n in sent.items() if n > 1]
    missing = [f"{rule} {change}: not sent" for rule, change in sorted(due - set(sent))]
    extra = [f"{rule} {change}: not due" for rule, change in sorted(set(sent) - due)]
    yield Criterion(
        name="alerts sent = alerts due",
        figure=f"{len(due & set(sent)):,} of {len(due):,}, {len(extra)} others,"
        f" {len(twice)} in two messages; {len(run.receiver.log) - len(taken)} messages refused",
        holds=not (twice or missing or extra),
        examples=(*missing, *extra, *twice),
    )
    silent = _repeated_silently(run.receiver.log)
    yield Criterion(
        name="messages taken twice without a word of it",
        figure=f"{len(silent)}; {len(taken) - len({d.key for d in taken})} as perhaps repeated",
        holds=not silent,
        examples=tuple(silent),
    )
    told = {
        datetime.fromisoformat(alert["data"]["started"]).timestamp()
        for delivery in taken
        for alert in delivery.body["alerts"]
        if alert["rule"] == "starts"
    }
    # A daemon takes seconds to come so far; one that is killed before tells nothing.
    odd = [at for at in told if not any(0 <= at + 1 - start <= 60 for start in run.starts)]
    yield Criterion(
        name="starts of the daemon told",
        figure=f"{len(told)} of {len(run.starts)}",
        holds=bool(told) and not odd and max(told) + 1 >= run.starts[-1],
    )


def _repeated_silently(log: list[Delivery]) -> list[str]:
    """Return the messages that were taken again though the first answer cannot have been lost."""
    taken: set[str] = set()
    silent = []
    for delivery in log:
        if delivery.key in taken and not delivery.body["perhaps_repeated"]:
            silent.append(f"{delivery.key}: {delivery.body['title']}")
        if delivery.taken:
            taken.add(delivery.key)
    return silent


def faults(run: Run, truth: Truth) -> Iterator[Criterion]:
    """Tell what struck, and whether it left anything."""
    if not run.plan.kills:
        return
    struck = run.faults
    yield Criterion(
        name="kill -9 of the daemon in the midst of its work",
        figure=f"{len(struck.kills)} times; {len(truth.lost)} requests were under way, and lost",
        holds=len(struck.kills) == run.plan.kills,
    )
    yield Criterion(
        name="processes that outlived a killed daemon",
        figure=str(len(struck.left)),
        holds=not struck.left,
        examples=tuple(struck.left),
    )
    yield Criterion(
        name="out of memory",
        figure=", ".join(struck.out_of_memory) or "not a worker was ended",
        holds=bool(struck.out_of_memory) and all(struck.out_of_memory),
    )
    yield Criterion(
        name="disk full",
        figure=", ".join(f"{ended - begun:.0f} s" for begun, ended in struck.full)
        or ("never" if run.plan.fills else "not tried: no disk can be mounted here"),
        holds=bool(struck.full) if run.plan.fills else None,
    )
