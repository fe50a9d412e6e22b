"""The Dockerfile's commands on a bare Debian, without a container engine; as root.

``python -m tests.clean_machine /tmp/clean`` makes a Debian 12 with debootstrap in that folder, or
takes the one that is there, and runs in it, by chroot, what the Dockerfile says: each stage in a
copy of its own, COPY, RUN, ENV, USER and WORKDIR as they stand. The environment's PIP_* and proxies
hold there too; what they name, such as a certificate, is lent by ``--lend``. Then the daemon runs
as the image's user until its health check succeeds, and ends at SIGTERM. What an engine adds
(namespaces, the read-only root, limits) is not tried.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Instruction", "instructions"]

ROOT = Path(__file__).resolve().parents[1]
_DEBIAN, _MORE = "bookworm", "python3,python3-venv,ca-certificates"
# Seconds until the health check must have succeeded.
_HEALTHY = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction of a Dockerfile: its word and the rest, continued lines joined."""

    word: str
    rest: str


def instructions(text: str) -> Iterator[Instruction]:
    """Yield the instructions of a Dockerfile."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        word, _, rest = line.strip().partition(" ")
        if word:
            yield Instruction(word=word.upper(), rest=" ".join(rest.split()))


@dataclass(slots=True, kw_only=True)
class _Stage:
    """A stage that is being built."""

    root: Path
    folder: str = "/"
    user: str = "0:0"
    env: dict[str, str] = field(default_factory=dict)
    health: Sequence[str] = ()
    entry: Sequence[str] = ()
    words: Sequence[str] = ()

    def run(self, words: Sequence[str], user: str = "0:0") -> subprocess.Popen[bytes]:
        """Begin a command in it."""
        env = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", **_lent_env(), **self.env}
        place = ["chroot", f"--userspec={user}", str(self.root), "/usr/bin/env", "-C", self.folder]
        return subprocess.Popen([*place, *words], env=env)


def _lent_env() -> Mapping[str, str]:
    return {
        key: value
        for key, value in os.environ.items()
        if key.startswith("PIP_") or key.lower().endswith("_proxy")
    }


def _bare(folder: Path) -> Path:
    """Return a bare Debian whose ``python`` is its python3."""
    root = folder / "debian"
    if not (root / "usr/bin/python3").exists():
        include = f"--include={_MORE}"
        words = ["debootstrap", "--variant=minbase", include, _DEBIAN, str(root)]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    with suppress(FileExistsError):
        (root / "usr/bin/python").symlink_to("python3")
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    return root


@contextmanager
def _devices(root: Path, lent: Sequence[Path]) -> Iterator[None]:
    """Lend a tree /proc and /dev, which every engine provides, and what else is lent."""
    with ExitStack() as mounted:
        for path in (Path("/proc"), Path("/dev"), *lent):
            place = root / str(path).lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.mkdir(exist_ok=True) if path.is_dir() else place.touch()
            subprocess.run(["mount", "--rbind", str(path), str(place)], check=True)
            mounted.callback(subprocess.run, ["umount", "-l", str(place)], check=True)
            subprocess.run(["mount", "--make-rslave", str(place)], check=True)
        yield


def _build(folder: Path, text: str, lent: Sequence[Path]) -> _Stage:
    """Run what a Dockerfile says; return its last stage."""
    bare, stages = _bare(folder), dict[str, _Stage]()
    stage: _Stage | None = None
    for one in instructions(text):
        print(one.word, one.rest[:100], flush=True)
        if one.word == "FROM":
            name = one.rest.partition(" AS ")[2] or "last"
            root = folder / name
            shutil.rmtree(root, ignore_errors=True)
            subprocess.run(["cp", "-a", "--reflink=auto", str(bare), str(root)], check=True)
            stage = stages[name] = _Stage(root=root)
            continue
        assert stage is not None, "an instruction before FROM"
        _follow(stage, stages, one, lent)
    assert stage is not None
    return stage


def _follow(
    stage: _Stage, stages: Mapping[str, _Stage], one: Instruction, lent: Sequence[Path]
) -> None:
    """Do what one instruction says."""
    if one.word == "WORKDIR":
        stage.folder = one.rest
        (stage.root / one.rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
    elif one.word == "ENV":
        for pair in shlex.split(one.rest):
            key, _, value = pair.partition("=")
            known = stage.env.get(key, "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
            stage.env[key] = value.replace(f"${key}", known)
    elif one.word == "COPY":
        words = one.rest.split()
        source = ROOT
        if words[0].startswith("--from="):
            source = stages[words.pop(0).removeprefix("--from=")].root
        *names, target = words
        place = stage.root / str(Path(stage.folder) / target).lstrip("/")
        for name in names:
            found = source / name.lstrip("/")
            into = place / found.name if target.endswith("/") and found.is_file() else place
            into.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-a", "-T", str(found), str(into)], check=True)
    elif one.word == "RUN":
        with _devices(stage.root, lent):
            if stage.run(["sh", "-c", one.rest]).wait():
                sys.exit(f"failed: RUN {one.rest}")
    elif one.word == "USER":
        stage.user = one.rest
    elif one.word == "HEALTHCHECK":
        stage.health = json.loads(re.sub(r"^.*?CMD ", "", one.rest))
    elif one.word in ("ENTRYPOINT", "CMD"):
        words = json.loads(one.rest)
        stage.entry, stage.words = (words, ()) if one.word == "ENTRYPOINT" else (stage.entry, words)


def _serve(stage: _Stage) -> int:
    """Run the image's command until its health check succeeds; return the daemon's exit code."""
    config = stage.root / "config"
    shutil.copytree(ROOT / "config", config, dirs_exist_ok=True)
    (config / "settings.toml").write_text("[metrics]\nport = 9464\n")
    (config / "sources.toml").write_text("")
    with _devices(stage.root, ()):
        words = [*stage.entry, "--config", "/config", *stage.words]
        daemon = stage.run(words, stage.user)
        until = time.monotonic() + _HEALTHY
        healthy = False
        while not healthy and time.monotonic() < until and daemon.poll() is None:
            time.sleep(2)
            healthy = stage.run(stage.health, stage.user).wait() == 0
        daemon.send_signal(signal.SIGTERM)
        code = daemon.wait(60)
    print(f"health check: {'succeeded' if healthy else 'FAILED'}; exit code {code}")
    return 0 if healthy and code == 0 else 1


def main() -> None:
    """Build and serve; the exit code is 1 where something does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.clean_machine", description=__doc__)
    parser.add_argument("folder", type=Path, help="in which the trees are made")
    parser.add_argument("--lend", type=Path, action="append", default=[], metavar="PATH")
    options = parser.parse_args()
    if os.geteuid():
        parser.error("only root may chroot")
    if "CLEAN_UNSHARED" not in os.environ:
        # What is mounted goes with these processes, however they end.
        os.environ["CLEAN_UNSHARED"] = "1"
        again = ["unshare", "-m", sys.executable, "-m", "tests.clean_machine", *sys.argv[1:]]
        os.execvp(again[0], again)
    options.folder.mkdir(parents=True, exist_ok=True)
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    sys.exit(_serve(_build(options.folder.resolve(), text, options.lend)))


if __name__ == "__main__":
    main()
