"""A machine for one page of the docs, on which its commands are run as a reader types them.

Runs inside ``unshare -rnm``: names lead to the loopback and nothing can leave it, so that
https://example.com, 10.0.0.1 and the ports that are written are there for each page alone. Our
authority takes the place of the public ones. What to run comes as JSON on standard input, what came
of it goes out likewise.

    unshare -rnm python -m tests.docs_machine FOLDER
"""

from __future__ import annotations

import json
import os
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import certifi

from scraper.exchange.packs import read_packs
from tests import docs_world
from tests.documents import ROOT
from tests.gauntlet.certificates import AUTHORITY
from tests.gauntlet.server import Server, reply

__all__ = ["Done", "Step", "run_steps"]

_SITE, _SCHEDULER = "93.184.215.14", "10.0.0.1"
# Hostile limits, in seconds: a busy machine takes minutes for what an idle one does in seconds.
_UP, _END = 240.0, 400.0
_SHELL = """\
cd "$(cat '{state}/folder')" && . '{state}/variables'
{words}
code=$?
pwd > '{state}/folder' && export -p > '{state}/variables'
exit $code
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A command to run.

    Attributes:
        words: as a shell takes them.
        up: what it prints when it is up; one that has it never ends by itself, and is stopped by
            Ctrl-C once it has printed that.
        stays: it is stopped at the end of the page, since later commands need it.
        asked: an address that must answer while it is up.
        meanwhile: another command, run while it is up.
        told: what it then prints; it is stopped when it has.
    """

    words: str
    up: str = ""
    stays: bool = False
    asked: str = ""
    meanwhile: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of a step.

    Attributes:
        words: what was run.
        code: exit status.
        out, err: what was printed.
        wrong: what of the step did not come to pass: it was never up, an address did not answer.
    """

    words: str
    code: int
    out: str
    err: str
    wrong: str = ""


def run_steps(
    folder: Path, steps: Sequence[Step], env: Mapping[str, str] | None = None
) -> list[Done]:
    """Run steps one after the other on a machine of their own.

    Args:
        folder: where the first is run.
        steps: what is run.
        env: variables that are set besides those of a plain shell.
    """
    asked = {"steps": [asdict(step) for step in steps], "env": dict(env or {})}
    done = subprocess.run(
        ["unshare", "-rnm", sys.executable, "-m", "tests.docs_machine", str(folder)],
        input=json.dumps(asked), cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [Done(**one) for one in json.loads(done.stdout)]


class _Shell:
    """Runs commands of one page; folder and variables hold from one to the next."""

    def __init__(self, folder: Path, state: Path, env: Mapping[str, str]) -> None:
        self._state = state
        # No index: what is not installed here is not fetched, and nothing is installed.
        self._env = {
            "HOME": str(folder), "LANG": "C.UTF-8", "NO_COLOR": "1", "TZ": "UTC",
            "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **env,
        }  # fmt: skip
        self._env["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        (state / "folder").write_text(f"{folder}\n")
        (state / "variables").write_text("")
        self._staying: list[_Running] = []

    def run(self, step: Step) -> Iterator[Done]:
        """Run a step; yields nothing of one that stays and is up."""
        docs_world.lay(step.words, Path((self._state / "folder").read_text().strip()))
        running = self._start(step)
        if not step.up:
            yield self._ended(running)
            return
        wrong = "" if running.prints(step.up) else f"it never printed {step.up!r}"
        if step.stays and not wrong:
            self._staying.append(running)
            return
        if step.asked and not wrong:
            wrong = _unanswered(step.asked)
        if step.meanwhile and not wrong:
            yield self._ended(self._start(Step(words=step.meanwhile)))
            wrong = "" if running.prints(step.told) else f"it never printed {step.told!r}"
        yield self._stopped(running, wrong)

    def stop_all(self) -> Iterator[Done]:
        """Stop what stayed, the last first."""
        while self._staying:
            yield self._stopped(self._staying.pop())

    def kill_all(self) -> None:
        """Kill what is left after a failure."""
        for running in self._staying:
            os.killpg(running.process.pid, signal.SIGKILL)

    def _start(self, step: Step) -> _Running:
        log = Path(tempfile.mkdtemp(dir=self._state))
        with (log / "out").open("wb") as out, (log / "err").open("wb") as err:
            process = subprocess.Popen(
                ["bash", "-c", _SHELL.format(state=self._state, words=step.words)],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=self._env,
                start_new_session=True,
            )  # fmt: skip
        return _Running(step.words, process, log)

    def _stopped(self, running: _Running, wrong: str = "") -> Done:
        if running.process.poll() is None:
            os.killpg(running.process.pid, signal.SIGINT)
        return self._ended(running, wrong)

    def _ended(self, running: _Running, wrong: str = "") -> Done:
        try:
            running.process.wait(_END)
        except subprocess.TimeoutExpired:
            os.killpg(running.process.pid, signal.SIGKILL)
            running.process.wait()
            wrong = wrong or "it did not end"
        return Done(
            words=running.words, code=running.process.returncode, out=_text(running.log / "out"),
            err=_text(running.log / "err"), wrong=wrong,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Running:
    """A command under way, and the folder of what it prints."""

    words: str
    process: subprocess.Popen[bytes]
    log: Path

    def prints(self, pattern: str) -> bool:
        """Wait until something like the pattern is printed; return whether it was."""
        until = time.monotonic() + _UP
        while True:
            ended = self.process.poll() is not None
            told = _text(self.log / "out") + _text(self.log / "err")
            if re.search(pattern, told, re.MULTILINE):
                return True
            if ended or time.monotonic() > until:
                return False
            time.sleep(0.1)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _unanswered(url: str) -> str:
    """Ask an address; return what is wrong, or nothing."""
    from urllib.error import URLError
    from urllib.request import ProxyHandler, build_opener

    # The port is open some moments after the line.
    for _ in range(100):
        try:
            with build_opener(ProxyHandler({})).open(url, timeout=60) as answer:
                return "" if answer.read() else f"{url} answered nothing"
        except URLError:
            time.sleep(0.2)
    return f"{url} did not answer"


def _settle(hosts: Sequence[str], folder: Path) -> None:
    """Bring the loopback up, with the names of the sites and our authority."""
    for words in ("link set lo up", *(f"addr add {ip}/32 dev lo" for ip in (_SITE, _SCHEDULER))):
        subprocess.run(["ip", *words.split()], check=True)
    names = "".join(f"{_SITE} {host}\n" for host in hosts)
    (folder / "hosts").write_text(f"127.0.0.1 localhost notes.localhost\n{names}")
    (folder / "nsswitch").write_text("hosts: files\n")
    AUTHORITY.cert_pem.write_to_path(folder / "authority")
    for name, over in (
        ("hosts", "/etc/hosts"),
        ("nsswitch", "/etc/nsswitch.conf"),
        ("authority", certifi.where()),
    ):
        place = os.path.realpath(over)
        if Path(place).exists():
            subprocess.run(["mount", "--bind", str(folder / name), place], check=True)


@contextmanager
def _world(words: str, folder: Path) -> Iterator[dict[str, str]]:
    """Run what the commands of a page speak of; yields the variables that lead there."""
    packs = {one.name: one for pack in read_packs() for one in pack.sources}
    sites = docs_world.routes(tuple(packs.values()))
    hosts = sorted({place.partition("/")[0] for place in sites})
    _settle(hosts, folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(*hosts).configure_cert(context)
    nothing = reply("", 404)
    variables: dict[str, str] = {}
    with ExitStack() as stack:
        stack.enter_context(
            Server(sites, address=_SITE, port=443, ssl_context=context, missing=nothing)
        )
        for url in re.findall(r"--from (http\S+)", words):
            captures = docs_world.captures_server()
            port = urlsplit(url).port or 80
            stack.enter_context(Server({}, port=port, missing=captures))
        if "s3://" in words:
            variables = stack.enter_context(_buckets())
        yield variables


@contextmanager
def _buckets() -> Iterator[dict[str, str]]:
    """Run an object store with what the commands read from it."""
    import s3fs

    from tests.object_store import BUCKET, object_store

    with object_store() as store:
        files = s3fs.S3FileSystem()
        files.mkdir("work")
        for name, body in docs_world.crawl_objects().items():
            files.pipe(f"{BUCKET}/2025-12/{name}", body)
        yield {
            "FSSPEC_S3_ENDPOINT_URL": store.url, "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing", "AWS_DEFAULT_REGION": "eu-west-1",
        }  # fmt: skip
        files.rm("work", recursive=True)


def main() -> None:
    """Run the steps of standard input in a folder; print what came of them."""
    folder = Path(sys.argv[1]).resolve()
    asked = json.load(sys.stdin)
    steps = [Step(**one) for one in asked["steps"]]
    done: list[Done] = []
    with tempfile.TemporaryDirectory() as name:
        state = Path(name)
        with _world("\n".join(step.words for step in steps), state) as variables:
            shell = _Shell(folder, state, {**variables, **asked["env"]})
            try:
                for step in steps:
                    done += shell.run(step)
                done += shell.stop_all()
            finally:
                shell.kill_all()
    print(json.dumps([asdict(one) for one in done]))


if __name__ == "__main__":
    main()
