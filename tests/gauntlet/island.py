"""A machine of its own, with the Internet on its loopback: run inside ``unshare -rnm``.

Public and inner addresses alike lead to one server here, a name server answers as scripted, and
nothing can leave. Prints as JSON what became of each address, and which addresses were dialled.

    unshare -rnm python -m tests.gauntlet.island URL...
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

from scraper.fetching import Client, address_guard
from scraper.models import FetchSettings, Page
from tests.gauntlet.server import Server, reply
from tests.gauntlet.trial import attempt, unharmed

SITE, NAMES = "8.8.8.8", "8.8.4.4"
INNER = ("10.0.0.1", "169.254.169.254", "100.64.0.1", "fe80::1:1", "fd00::1", "64:ff9b::7f00:1",
         "2002:7f00:1::")  # fmt: skip
_A, _AAAA = 1, 28


def answers(name: str, kind: int, times: int) -> list[str] | None:
    """Return the addresses of a name at its n-th question, or None for silence."""
    label = name.split(".")[0]
    if label.startswith("dead"):
        return None
    known = {
        "site": [SITE],
        "rebind": [SITE if times == 1 else "10.0.0.1"],
        "mixed": [SITE, "10.0.0.1"],
        "mixed6": [SITE, "fd00::1"],
        "inner": ["169.254.169.254"],
        "nat64": ["64:ff9b::7f00:1"],
    }.get(label, [])
    return [a for a in known if (":" in a) == (kind == _AAAA)]


def serve_names() -> None:
    """Answer DNS questions over UDP, with a time to live of 0."""
    questions: Counter[tuple[str, int]] = Counter()
    port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    port.bind((NAMES, 53))
    while True:
        data, asker = port.recvfrom(4096)
        labels, at = [], 12
        while data[at]:
            labels.append(data[at + 1 : at + 1 + data[at]].decode())
            at += 1 + data[at]
        name, kind = ".".join(labels), struct.unpack("!H", data[at + 1 : at + 3])[0]
        questions[name, kind] += 1
        found = answers(name, kind, questions[name, kind])
        if found is None:
            continue
        head = data[:2] + struct.pack("!HHHHH", 0x8180, 1, len(found), 0, 0)
        records = b""
        for address in found:
            raw = socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
            records += struct.pack("!HHHIH", 0xC00C, kind, 1, 0, len(raw)) + raw
        port.sendto(head + data[12 : at + 5] + records, asker)


def settle() -> None:
    """Bring the loopback up with every address on it, and our own name server."""
    commands = ["link set lo up"]
    for address in (SITE, NAMES, *INNER):
        commands.append(f"addr add {address}/{128 if ':' in address else 32} dev lo")
    for command in commands:
        subprocess.run(["ip", *command.split()], check=True)
    for path, text in (
        ("/etc/resolv.conf", f"nameserver {NAMES}\noptions timeout:20 attempts:1\n"),
        ("/etc/nsswitch.conf", "hosts: files dns\n"),
    ):
        descriptor, name = tempfile.mkstemp()
        os.write(descriptor, text.encode())
        os.close(descriptor)
        subprocess.run(["mount", "--bind", name, os.path.realpath(path)], check=True)
        Path(name).unlink()
    threading.Thread(target=serve_names, daemon=True).start()


async def visit(urls: list[str]) -> dict[str, object]:
    """Fetch addresses together, one host at a time, unharmed (`trial`)."""
    async with (
        Client(FetchSettings(delay=0.0, connect_timeout=3.0)) as client,
        unharmed(client, "http://site.example/well"),
    ):

        async def one(url: str) -> str | list[object]:
            found = await attempt(client, url)
            return found if isinstance(found, str) else [found.status, found.final_url]

        tasks = [asyncio.create_task(one(url)) for url in urls]
        await asyncio.sleep(0.05)
        well = await attempt(client, "http://site.example/early")
        early = sum(task.done() for task in tasks)
        outcome = await asyncio.gather(*tasks)
    return {"healthy": isinstance(well, Page), "early": early, "outcome": outcome}


def main() -> None:
    settle()
    address_guard._LOOKUP_TIMEOUT = 1.5
    goals = json.loads(os.environ.get("REDIRECTS", "{}"))
    # A connection that stays would be used again: each request is to look its host up anew.
    routes = {
        path: reply("", 302, Location=goal, Connection="close") for path, goal in goals.items()
    }
    with Server(routes, address="", port=80) as server:
        report = asyncio.run(visit(sys.argv[1:]))
        print(json.dumps({**report, "dialled": sorted(set(server.dialled))}))


if __name__ == "__main__":
    main()
