"""The Dockerfile's commands on a bare Debian, without a container engine; as root.

``python -m tests.clean_machine /tmp/clean`` makes a Debian 12 with debootstrap in that folder, or
takes the one that is there, and runs in it, by chroot, what the Dockerfile says: each stage in a
copy of its own, COPY, RUN, ENV, USER and WORKDIR as they stand. The environment's PIP_* and proxies
hold there too; what they name, such as a certificate, is lent by ``--lend``. Then the services of
compose.yaml run, each in a root that is mounted read-only, with its volumes and a /tmp in memory,
as the image's user without capabilities: until the health check of each succeeds; they end at
SIGTERM.
Networks and limits of memory, which an engine adds, are not tried.
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
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

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

    def run(
        self, words: Sequence[str], user: str = "0:0", *, quiet: bool = False
    ) -> subprocess.Popen[bytes]:
        """Begin a command in it; a quiet one tells by its exit code alone."""
        env = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", **_lent_env(), **self.env}
        place = ["chroot", f"--userspec={user}", str(self.root), "/usr/bin/env", "-C", self.folder]
        said = subprocess.DEVNULL if quiet else None
        return subprocess.Popen([*place, *words], env=env, stdout=said, stderr=said)

    def start(self, words: Sequence[str], *, quiet: bool = False) -> subprocess.Popen[bytes]:
        """Begin a command as its user, without capabilities and with no way to new ones."""
        user, _, group = self.user.partition(":")
        limits = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
        limits += ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
        return self.run([*limits, *words], quiet=quiet)


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


@contextmanager
def _closed(folder: Path, stage: _Stage, name: str, service: Mapping[str, Any]) -> Iterator[_Stage]:
    """Give a service its root: what was built, read-only, with its volumes and tmpfs."""
    root = folder / name
    root.mkdir(exist_ok=True)
    volumes = [volume.split(":") for volume in service["volumes"]]
    for _, target, *_ in volumes:
        (stage.root / target.lstrip("/")).mkdir(exist_ok=True)
    with ExitStack() as mounted:

        def mount(place: Path, *words: str) -> None:
            subprocess.run(["mount", *words, str(place)], check=True)
            mounted.callback(subprocess.run, ["umount", "-l", str(place)], check=True)

        mount(root, "--bind", str(stage.root))
        for source, target, *options in volumes:
            place, held = root / target.lstrip("/"), folder / "volumes" / Path(source).name
            if not held.exists():
                # A new volume begins as what the image has in its place, owner included.
                held.parent.mkdir(exist_ok=True)
                subprocess.run(["cp", "-a", str(place), str(held)], check=True)
            mount(place, "--bind", str(held))
            if "ro" in options:
                subprocess.run(["mount", "-o", "remount,bind,ro", str(place)], check=True)
        for path in service["tmpfs"]:
            mount(root / path.lstrip("/"), "-t", "tmpfs", "tmpfs")
        mounted.enter_context(_devices(root, ()))
        if service["read_only"]:
            subprocess.run(["mount", "-o", "remount,bind,ro", str(root)], check=True)
        entry, words = stage.entry, service["command"]
        health = service.get("healthcheck", {}).get("test", ["CMD", *stage.health])[1:]
        yield replace(stage, root=root, entry=entry, words=words, health=health)


def _serve(folder: Path, stage: _Stage) -> int:
    """Run the services of compose.yaml until they are healthy, then end them; 0 if all is well."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    shutil.rmtree(folder / "volumes", ignore_errors=True)
    config = folder / "volumes" / "config-live"
    shutil.copytree(ROOT / "config", config)
    (config / "settings.toml").write_text("[metrics]\nport = 9464\n")
    (config / "sources.toml").write_text("")
    with ExitStack() as opened:
        running = []
        # The browser depends on the daemon: in the order of the file.
        for name, service in services.items():
            one = opened.enter_context(_closed(folder, stage, name, service))
            process = one.start([*one.entry, *one.words])
            # However it goes on, nothing stays behind.
            opened.callback(process.kill)
            running.append((name, process, _becomes_healthy(one, process), _is_closed(one)))
        wrong = 0
        for name, process, healthy, closed in reversed(running):
            process.send_signal(signal.SIGTERM)
            code = process.wait(60)
            said = "succeeded" if healthy else "FAILED"
            where = "read-only root" if closed else "root that CAN BE WRITTEN"
            print(f"{name}: health check {said}; {where}; exit code {code}")
            wrong += not (healthy and closed and code in (0, 130))
    return min(wrong, 1)


def _becomes_healthy(stage: _Stage, process: subprocess.Popen[bytes]) -> bool:
    until = time.monotonic() + _HEALTHY
    while time.monotonic() < until and process.poll() is None:
        time.sleep(2)
        if stage.start(stage.health, quiet=True).wait() == 0:
            return True
    return False


def _is_closed(stage: _Stage) -> bool:
    """Return whether nothing but the volumes and /tmp can be written, not even by root."""
    words = ["chroot", str(stage.root), "touch", "/opt/scraper/mark", "/etc/mark", "/mark"]
    done = subprocess.run(words, capture_output=True, check=False)
    return done.stderr.count(b"Read-only file system") == 3


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
    sys.exit(_serve(options.folder.resolve(), _build(options.folder.resolve(), text, options.lend)))


if __name__ == "__main__":
    main()
