"""Truth and the servers' log against the archive: each criterion, its figure, whether it holds."""

from __future__ import annotations

import itertools
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from scraper.archive import Archive
from tests.soak.aftermath import alerts, faults
from tests.soak.conduct import CLI, Run, Sample
from tests.soak.server import Hit
from tests.soak.truth import Criterion, Truth, sender
from tests.soak.world import Site, Text

__all__ = ["Criterion", "judge", "table"]

_TOLERANCE = 0.010
_MOST_RSS, _MOST_SLOPE, _MOST_LAG, _MOST_LOG = 400.0, 1.0, 250.0, 50 * 2**20
_MOST_END = 25.0
# Seconds that an answer may take from the server's socket to our client.
_READING = 0.5
# The last 15 minutes are measured, once the daemon is warm: a share of what the sites live after
# the last fault. A slope needs this many seconds of samples.
_MEASURED, _WARM_UP, _LEAST_SLOPE = 900.0, 0.6, 300.0


def judge(run: Run) -> list[Criterion]:
    """Return all criteria of a run."""
    db = sqlite3.connect(f"file:{run.archive / 'archive.db'}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    try:
        truth = Truth(run, db)
        return [
            *_size(run),
            _archived(truth, db),
            *_versions(truth, db, run),
            _gone(truth, db),
            *_outcomes(truth, db, run),
            *_manners(run),
            *_health(run),
            *_others(run),
            *alerts(run, truth, db),
            *faults(run, truth),
        ]
    finally:
        db.close()


def table(criteria: Iterable[Criterion]) -> str:
    """Return the criteria as lines, with examples below those that do not hold."""
    words = {True: "pass", False: "FAIL", None: "-"}
    lines = []
    for criterion in criteria:
        lines.append(f"{words[criterion.holds]:4}  {criterion.name:58}  {criterion.figure}")
        lines += [f"        {example}" for example in criterion.examples[:6]]
    return "\n".join(lines)


def _size(run: Run) -> list[Criterion]:
    plan = run.plan
    bad = Counter(hit.how for hit in run.server.log if hit.how)
    changes = sum(len(a.life) - 1 for s in run.sites for a in s.articles)
    figures = f"{plan.sites} sites x {plan.articles} articles, {changes:,} changes"
    served = f"{len(run.server.log):,}, {sum(bad.values()):,} bad: "
    served += ", ".join(f"{n} {how}" for how, n in bad.most_common())
    settled = "not within its time" if run.settled is None else f"{run.settled:.0f} s"
    return [
        Criterion(
            name="seconds; what there was", figure=f"{plan.seconds:.0f}; {figures}", holds=None
        ),
        Criterion(name="requests served", figure=served, holds=None),
        Criterion(name="settled", figure=settled, holds=run.settled is not None, timed=True),
    ]


def _archived(truth: Truth, db: sqlite3.Connection) -> Criterion:
    held = {row["url"] for row in db.execute("select url from articles")}
    wanted = {url for url, a in truth.article.items() if not a.denied and truth.was_to_be_had(url)}
    missing, extra = sorted(wanted - held), sorted(held - wanted)
    examples = [f"missing: {_story(truth, url, db)}" for url in missing]
    return Criterion(
        name="archived = allowed and published",
        figure=f"{len(held & wanted):,} of {len(wanted):,}, {len(extra)} others",
        holds=not missing and not extra,
        examples=(*examples, *(f"not wanted: {url}" for url in extra)),
    )


def _versions(truth: Truth, db: sqlite3.Connection, run: Run) -> Iterator[Criterion]:
    """Compare the versions of each article with the different texts that were served of it."""
    wrong, impure, current, total, expected = [], [], [], 0, 0
    held = {
        row["url"]
        for row in db.execute(
            "with texts as (select page_id, max(id) as last from fetches"
            " where class in ('ok', 'flap', 'unchanged', 'stale_copy') group by page_id)"
            " select p.url from pages p join texts t on t.page_id = p.id"
            " join fetches f on f.id = t.last and f.class = 'stale_copy'"
            # Another look follows, or the page is gone and shows nothing more.
            " where p.next_check_at is not null or p.last_class <> 'stale_copy'"
        )
    }
    archive = Archive(run.archive, create=False)
    with archive:
        for row in db.execute("select id, url, version_id from articles"):
            url = row["url"]
            if url not in truth.article:
                continue
            seen = list(dict.fromkeys(truth.read(url)))
            rows = db.execute(
                "select id, number, title from versions where page_id = ? order by number",
                [row["id"]],
            ).fetchall()
            texts = [archive.version(row["id"], r["number"]).article for r in rows]
            total, expected = total + len(rows), expected + len(seen)
            known = [_which(text.title, text.text, seen) for text in texts]
            if sorted(k for k in known if k is not None) != list(range(len(seen))):
                wrong.append(f"served {len(seen)}, versions {known}: {_story(truth, url, db)}")
            impure += [
                f"{url} version {r['number']}"
                for r, t in zip(rows, texts, strict=True)
                if _which(t.title, t.text, seen, exactly=True) is None
            ]
            # A text of before that comes again is told once a later look confirms it.
            last = truth.read(url)[-2 if url in held else -1 :]
            now = next(t for r, t in zip(rows, texts, strict=True) if r["id"] == row["version_id"])
            if last and _which(now.title, now.text, last) is None:
                current.append(_story(truth, url, db))
    yield Criterion(
        name="versions = different texts that were served",
        figure=f"{total:,} of {expected:,}; {len(wrong)} articles differ",
        holds=not wrong,
        examples=tuple(wrong),
    )
    yield Criterion(
        name="current version = what was served last",
        figure=f"{len(current)} articles differ",
        holds=not current,
        examples=tuple(current),
    )
    yield Criterion(
        name="versions with a short line that is no paragraph",
        figure=f"{len(impure)} of {total:,}",
        holds=None,
        examples=tuple(impure),
    )


def _which(title: str, text: str, texts: Sequence[Text], *, exactly: bool = False) -> int | None:
    """Return which of the served texts an archived one is.

    One that has short lines besides is taken for a text unless it is another one line by line.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    served = [number for number, one in enumerate(texts) if one.title == title]
    for number in served:
        if lines == list(texts[number].paragraphs):
            return number
    known = {line for one in texts for line in one.paragraphs}
    for number in served if not exactly else ():
        whole = set(texts[number].paragraphs)
        if whole == known & set(lines) and not _others_of(lines, whole):
            return number
    return None


def _others_of(lines: Sequence[str], whole: set[str]) -> bool:
    """Return whether there are long lines that this text does not have."""
    return any(len(line) > 60 and line not in whole for line in lines)


def _gone(truth: Truth, db: sqlite3.Connection) -> Criterion:
    held = {r["url"] for r in db.execute("select url from articles where state = 'gone'")}
    archived = {r["url"] for r in db.execute("select url from articles")}
    wanted = {url for url in truth.article if url in archived and truth.taken_down(url)}
    # The archive may wait for what else is new on the site; while every look since was answered
    # badly it can tell nothing, and asks again.
    asked_again = {
        r["url"]
        for r in db.execute(
            "select url from pages where gone_count > 0 and next_check_at is not null"
        )
    }
    waiting = {url for url in (wanted - held) & asked_again if truth.is_unanswered(url)}
    wrong = sorted(held ^ (wanted - waiting))
    return Criterion(
        name="takedowns noticed",
        figure=f"{len(held & wanted)} of {len(wanted)}, {len(held - wanted)} others;"
        f" {len(waiting)} asked again, for the last look was answered badly",
        holds=not wrong,
        examples=tuple(_story(truth, url, db) for url in wrong),
    )


def _outcomes(truth: Truth, db: sqlite3.Connection, run: Run) -> Iterator[Criterion]:
    seen = {r["url"]: r["n"] for r in db.execute(
        "select p.url, count(f.id) as n from pages p left join fetches f on f.page_id = p.id"
        " group by p.id")}  # fmt: skip
    silent = [url for url, n in seen.items() if not n]
    unseen = [url for url in truth.article if url not in seen]
    yield Criterion(
        name="every seen link has an outcome",
        figure=f"{len(seen) - len(silent):,} of {len(seen):,}; {len(unseen)} never seen",
        holds=not silent and not unseen,
        examples=(*silent, *(f"never seen: {url}" for url in unseen)),
    )
    few = [
        f"{len(truth.looks(url))} requests, {seen.get(url, 0)} rows: {_story(truth, url, db)}"
        for url in truth.hits
        if len(truth.looks(url)) > seen.get(url, 0)
    ]
    rows = sum(seen.get(url, 0) for url in truth.article)
    requests = sum(map(len, truth.hits.values()))
    yield Criterion(
        name="every request for an article left its row",
        figure=f"{requests:,} requests, {rows:,} rows; {len(few)} with fewer",
        holds=not few,
        examples=tuple(few),
    )
    running = [
        dict(r)
        for r in db.execute("select kind, outcome from runs where outcome <> 'done'")
        # What was killed is closed as such by the next process; a full disk ends a pass early.
        if not (run.faults.kills and r["outcome"] == "interrupted")
    ]
    yield Criterion(
        name="no run left unfinished", figure=f"{len(running)}", holds=not running,
        examples=tuple(map(str, running)),
    )  # fmt: skip


def _manners(run: Run) -> Iterator[Criterion]:
    """Compare the log with what hosts asked for; processes first one by one, then together."""
    site = {s.host: s for s in run.sites}
    by_host: dict[str, list[Hit]] = defaultdict(list)
    for hit in run.server.log:
        by_host[hit.host].append(hit)
    close, least, pairs, between = [], 9e9, 0, []
    for host, hits in by_host.items():
        hits.sort(key=lambda hit: hit.at)
        for one, two in _followers(hits):
            # What a daemon had asked for ends with it, though the server may go on answering.
            killed = [at for at in run.faults.kills if one.at <= at <= two.at]
            ended = min(one.done, *killed) if killed and sender(one) != CLI else one.done
            gap, pairs = two.at - ended, pairs + 1
            need = _pause(run, two, site) - _TOLERANCE
            told = f"{1000 * gap:.0f} ms: {host}{one.path} ({one.how}) then {two.path}"
            if _is_first(two, hits):
                continue  # It could not know of a Crawl-delay yet, nor of anybody before.
            least = min(least, gap - need - _TOLERANCE)
            if gap < need:
                close.append(told)
        between += [f"{1000 * (b.at - a.done):.0f} ms: {host}{a.path} ({sender(a)}) then {b.path}"
                    for a, b in itertools.pairwise(hits)
                    if sender(a) != sender(b)
                    and b.at - a.done < _pause(run, b, site) - _TOLERANCE]  # fmt: skip
    overlap = [told for told in close if told.startswith("-")]
    yield Criterion(
        name="gap between requests of a process to a host",
        figure=f"{pairs:,} gaps, the least {1000 * least:+.0f} ms against its delay",
        holds=not close,
        examples=tuple(close),
    )
    yield Criterion(
        name="requests of a process to a host at once",
        figure="1" if not overlap else f"{len(overlap)} times more than 1",
        holds=not overlap,
    )
    yield Criterion(
        name="gap between daemon and command line",
        figure=f"{len(between)} times below the delay",
        holds=not between,
        timed=True,  # chance decides whether both come at once
        examples=tuple(between),
    )
    denied = [f"{h.host}{h.path}" for h in run.server.log if _is_denied(h, site[h.host].robots)]
    yield Criterion(
        name="requests that robots.txt denies", figure=str(len(denied)), holds=not denied,
        examples=tuple(denied),
    )  # fmt: skip
    yield _rested(run, by_host)


def _pause(run: Run, hit: Hit, site: Mapping[str, Site]) -> float:
    """Return the pause that a request had to keep; who asks for robots.txt knows none of it yet."""
    asked = 0.0 if hit.path == "/robots.txt" else site[hit.host].crawl_delay
    return max(run.plan.delay, asked)


def _followers(hits: Sequence[Hit]) -> Iterator[tuple[Hit, Hit]]:
    """Yield each request with the one after it of the same process."""
    last: dict[str, Hit] = {}
    for hit in hits:
        who = sender(hit)
        if who in last:
            yield last[who], hit
        last[who] = hit


def _is_first(hit: Hit, hits: Sequence[Hit]) -> bool:
    return next(h for h in hits if sender(h) == sender(hit)) is hit


def _is_denied(hit: Hit, robots: str | None) -> bool:
    lines = (robots or "").splitlines()
    forbidden = [line.partition(": ")[2] for line in lines if line.startswith("Disallow")]
    return any(hit.path.startswith(path) for path in forbidden)


def _rested(run: Run, by_host: dict[str, list[Hit]]) -> Criterion:
    early, waits = [], 0
    for host, hits in by_host.items():
        for number, hit in enumerate(hits):
            if not hit.rest or _may_be_unread(run, hit):
                continue
            waits += 1
            until = hit.done + hit.rest
            early += [
                f"{host}: {sender(hit)} was told to wait {hit.rest:.1f} s,"
                f" {sender(later)} came {until - later.at:.2f} s early"
                for later in hits[number + 1 :]
                if later.at < until - _TOLERANCE
            ]
    return Criterion(
        name="requests before a Retry-After was over",
        figure=f"{len(early)} after {waits} of them",
        holds=not early,
        examples=tuple(early),
    )


def _may_be_unread(run: Run, hit: Hit) -> bool:
    """Return whether the daemon was killed before it can have read an answer."""
    return any(hit.done - _READING <= at <= hit.done + _READING for at in run.faults.kills)


def _health(run: Run) -> Iterator[Criterion]:
    # Of the daemon that nobody killed, once it is warm.
    last = [s for s in run.samples if s.pid == run.samples[-1].pid]
    begun = last[0].at if last else 0.0
    ended = last[-1].at if last else 0.0
    since = max(begun + (run.plan.seconds - begun) * _WARM_UP, ended - _MEASURED)
    warm = [s for s in last if s.at >= since]
    if warm:
        span = warm[-1].at - warm[0].at
        slope = 600 * _slope([s.at for s in warm], [s.rss for s in warm])
        yield Criterion(
            name="memory of the daemon without its workers, per 10 minutes",
            figure=f"{slope:+.2f} MB over {span:.0f} s (last third {_thirds(warm)})",
            holds=slope < _MOST_SLOPE if span >= _LEAST_SLOPE else None,
            timed=True,
        )
        most, tree = max(s.rss for s in run.samples), max(s.tree for s in run.samples)
        yield Criterion(
            name="most memory",
            figure=f"daemon {most:.0f} MB; with its workers {tree:.0f} MB",
            holds=tree < _MOST_RSS,
            timed=True,
        )
        half = len(warm) // 2
        for name, value in (("open files", lambda s: s.fds), ("threads", lambda s: s.threads)):
            before = max(map(value, warm[:half] or warm))
            after = max(map(value, warm[half:]))
            yield Criterion(
                name=f"{name}: most in first and second half",
                figure=f"{before}, {after}",
                # Sockets come and go: no more than a few hosts make.
                holds=after <= before + (8 if name == "open files" else 0),
                timed=True,
            )
    if run.lags:
        ordered = sorted(run.lags)
        p99, most = ordered[int(0.99 * (len(ordered) - 1))], ordered[-1]
        yield Criterion(
            name="event loop held up, 99th percentile",
            figure=f"{p99:.0f} ms of {len(ordered):,}; most {most:.0f} ms",
            holds=p99 < _MOST_LAG,
            timed=True,
        )


def _slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Return the slope of the least-squares line."""
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    below = sum((x - mean_x) ** 2 for x in xs)
    above = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    return above / below if below else 0.0


def _thirds(samples: Sequence[Sample]) -> str:
    last = samples[2 * len(samples) // 3 :]
    return f"{min(s.rss for s in last):.0f} to {max(s.rss for s in last):.0f} MB"


def _others(run: Run) -> Iterator[Criterion]:
    bad = [f"{path}: {status}" for path, status, _ in run.polls if status != 200]
    slow = max((took for _, _, took in run.polls), default=0.0)
    yield Criterion(
        name="browser polled while all this went on",
        figure=f"{len(run.polls)} pages, {len(bad)} not 200; slowest {slow:.1f} s",
        holds=bool(run.polls) and not bad,
        examples=tuple(bad),
    )
    # 74: the disk was full.
    expected = (0, 1, 74) if run.faults.full else (0, 1)
    odd = [f"exit {code}: {said}" for code, _, said in run.fetched if code not in expected]
    slow = max((took for _, took, _ in run.fetched), default=0.0)
    codes = Counter(code for code, _, _ in run.fetched)
    yield Criterion(
        name="fetch beside the daemon",
        figure=f"exit codes {dict(codes)}; slowest {slow:.1f} s",
        holds=bool(run.fetched) and not odd,
        examples=tuple(odd),
    )
    yield Criterion(
        name="daemon's end",
        figure=f"exit {run.daemon_exit} after {run.daemon_end:.1f} s",
        holds=run.daemon_exit == 0 and run.daemon_end <= _MOST_END,
        timed=True,
    )
    yield Criterion(
        name="errors that the daemon logged", figure=str(len(run.errors)), holds=not run.errors,
        examples=tuple(run.errors),
    )  # fmt: skip
    yield Criterion(
        name="logs", figure=f"{run.log_bytes / 2**20:.2f} MB", holds=run.log_bytes <= _MOST_LOG
    )
    yield Criterion(
        name="doctor", figure=f"exit {run.doctor[0]}", holds=run.doctor[0] == 0,
        examples=() if run.doctor[0] == 0 else tuple(run.doctor[1].splitlines()),
    )  # fmt: skip


def _story(truth: Truth, url: str, db: sqlite3.Connection) -> str:
    """Return what was served of an address, and what became of it, in a line."""
    begun = truth.hits[url][0].at if truth.hits[url] else 0.0
    served = " ".join(
        f"{hit.at - begun:.0f}s:{hit.status}{'/' + hit.how if hit.how else ''}#{hit.state}"
        for hit in truth.hits[url]
    )
    rows = db.execute(
        "select f.class, f.version_id from fetches f join pages p on p.id = f.page_id"
        " where p.url = ? order by f.id", [url],
    ).fetchall()  # fmt: skip
    return f"{url} [{served}] -> {' '.join(r['class'] for r in rows)}"
