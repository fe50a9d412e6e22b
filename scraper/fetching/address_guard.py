"""Which addresses may be dialled: the resolved address is checked at the moment of dialling.

Checking the name before the request is not enough: the name may resolve to something else a moment
later (DNS rebinding), or a redirect may lead inwards. So the network backend resolves, refuses if
*any* answer is not public, and dials exactly what it checked; TLS still verifies the name.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterable, Sequence
from functools import lru_cache

import httpcore
import httpx

from scraper.errors import ErrorClass, FetchError
from scraper.urls import canonical, is_own_machine

__all__ = ["MAX_URL", "GuardedBackend", "check_url", "is_allowed", "is_public", "parsed_url"]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Ranges that `ipaddress.is_global` of Python 3.11 takes for public though they lead elsewhere:
# the special-purpose registries of IANA, and ranges that embed an IPv4 address.
_NEVER: tuple[Network, ...] = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8",
            "100.64.0.0/10",  # carrier-grade NAT (RFC 6598)
            "192.0.0.0/24",
            "192.88.99.0/24",  # 6to4 relays (RFC 7526)
            "198.18.0.0/15",
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",
            "168.63.129.16/32",  # metadata of a large cloud, public by its number only
            "::/96",  # IPv4-compatible (RFC 4291), and :: and ::1
            "::ffff:0:0/96",  # IPv4-mapped: judged by the address inside, below
            "64:ff9b::/96",  # NAT64 (RFC 6052)
            "64:ff9b:1::/48",  # local NAT64 (RFC 8215)
            "100::/64",
            "2001::/23",
            "2001:db8::/32",
            "2002::/16",  # 6to4 (RFC 3056)
            "3fff::/20",  # documentation (RFC 9637)
            "5f00::/16",
            "fc00::/7",
            "fe80::/10",
            "fec0::/10",
            "ff00::/8",
        ),
    )
)

# Characters of an address: RFC 9110, section 4.1, has servers take 8,000; matching a longer one
# against a hostile robots.txt takes seconds.
MAX_URL = 8192
# Addresses that are kept as httpx reads them.
_PARSED = 512
# How many addresses of a host are dialled.
_MOST_TRIED = 4
# Waiting for dead names must not keep others from being looked up, so each lookup has a thread of
# its own, and a bound (seconds). The system's resolver can't be stopped: a thread may outlive it.
_MOST_LOOKUPS = 256
_LOOKUP_TIMEOUT = 5.0
# Bytes that one read takes from a socket at most: parsing them must not hold up the event loop,
# however many tiny chunks or interim responses they hold.
_READ = 16 * 1024

Answers = list[str]


def check_url(url: str) -> str:
    """Return the canonical form of an address that may be asked for.

    Servers resolve ``.`` and ``..``; the canonical form has none, so that robots.txt is asked about
    what they will read.

    Raises:
        FetchError: (``bad_url``) it is not an http or https address, or longer than 8,192
            characters.
    """
    if len(url) > MAX_URL:
        raise FetchError(
            f"not an address: {url[:60]!r}… has {len(url):,} characters ({MAX_URL:,} at most)",
            url=url[:MAX_URL],
            error_class=ErrorClass.BAD_URL,
        )
    target = canonical(url)
    try:
        # httpx reads names after IDNA 2008, and could not ask for one that is none.
        known = bool(parsed_url(target).host)
    except (httpx.InvalidURL, UnicodeError):
        known = False
    if not known:
        raise FetchError(
            f"not an address: {url!r} (its host is wrong)", url=url, error_class=ErrorClass.BAD_URL
        )
    return target


@lru_cache(maxsize=_PARSED)
def parsed_url(url: str) -> httpx.URL:
    """Return an address as httpx reads it: once for its check and its request.

    Raises:
        httpx.InvalidURL, UnicodeError: it is none.
    """
    return httpx.URL(url)


def is_public(address: Address) -> bool:
    """Return whether an IP address belongs to the public Internet."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if any(address.version == net.version and address in net for net in _NEVER):
        return False
    return address.is_global and not address.is_multicast


def is_allowed(address: Address, networks: Iterable[Network] = ()) -> bool:
    """Return whether an IP address may be dialled: public, or in one of the given networks."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address.version == n.version and address in n for n in networks) or is_public(
        address
    )


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """httpcore's network, with the check of addresses at dial time.

    Args:
        ports: ports that may be dialled.
        networks: networks in CIDR notation that may be dialled though they are not public.
        connect_timeout: seconds for reaching a host, at whichever of its addresses.
    """

    def __init__(
        self, *, ports: Sequence[int], networks: Sequence[str], connect_timeout: float
    ) -> None:
        self._ports = frozenset(ports)
        self._networks = tuple(ipaddress.ip_network(network) for network in networks)
        self._connect_timeout = connect_timeout
        self._inner = httpcore.AnyIOBackend()
        self._lookups: dict[str, asyncio.Future[Answers]] = {}

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Dial a host at a checked address.

        Raises:
            FetchError: ``blocked_address``, ``dns``, ``connect``.
        """
        if port not in self._ports:
            # Whoever asks for this machine meets the next refusal otherwise only after this one.
            own = is_own_machine(f"http://{host}/")
            more = ' and allow_private = ["127.0.0.0/8", "::1/128"]' if own else ""
            raise FetchError(
                f"port {port} of {host} may not be dialled (allowed: "
                f"{', '.join(map(str, sorted(self._ports)))}; settings.toml, [fetch] ports{more})",
                error_class=ErrorClass.BLOCKED_ADDRESS,
            )
        addresses = await self._resolve(host)
        for address in addresses:
            if not is_allowed(address, self._networks):
                raise FetchError(
                    f"{host} leads to {address}, which is not on the public Internet "
                    "(settings.toml, [fetch] allow_private lets it)",
                    error_class=ErrorClass.BLOCKED_ADDRESS,
                )
        failure: Exception | None = None
        clock = asyncio.get_running_loop().time
        until = clock() + min(timeout or self._connect_timeout, self._connect_timeout)
        tried = addresses[:_MOST_TRIED]
        for number, address in enumerate(tried):
            try:
                stream = await self._inner.connect_tcp(
                    str(address),
                    port,
                    # A dead address leaves its share of the time to those behind it.
                    timeout=max(0.0, until - clock()) / (len(tried) - number),
                    local_address=local_address,
                    socket_options=socket_options,
                )
                return _SmallReads(stream)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        if isinstance(failure, httpcore.ConnectTimeout):
            raise failure
        raise FetchError(
            f"no server answers at {host}:{port}", error_class=ErrorClass.CONNECT
        ) from failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: no web address leads to a socket file."""
        raise FetchError("socket files are not dialled", error_class=ErrorClass.BLOCKED_ADDRESS)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    async def _resolve(self, host: str) -> list[Address]:
        name = host.strip("[]").lower().rstrip(".")
        # RFC 6761, section 6.3: names under .localhost are the loopback, without a lookup.
        if name == "localhost" or name.endswith(".localhost"):
            return [ipaddress.ip_address("127.0.0.1")]
        try:
            return [ipaddress.ip_address(name)]
        except ValueError:
            pass
        try:
            async with asyncio.timeout(_LOOKUP_TIMEOUT):
                answers = await asyncio.shield(self._lookup(name))
        except TimeoutError:
            raise FetchError(
                f"the name {host} took too long to look up", error_class=ErrorClass.DNS
            ) from None
        except (OSError, UnicodeError):
            raise FetchError(f"there is no host named {host}", error_class=ErrorClass.DNS) from None
        return [ipaddress.ip_address(text) for text in answers]

    def _lookup(self, name: str) -> asyncio.Future[Answers]:
        """Return the lookup of a name that is under way, or begin one."""
        if name in self._lookups:
            return self._lookups[name]
        if len(self._lookups) >= _MOST_LOOKUPS:
            raise OSError("too many names are being looked up")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answers] = loop.create_future()
        self._lookups[name] = future

        def settle(answers: Answers, error: Exception | None) -> None:
            self._lookups.pop(name, None)
            if error is None:
                future.set_result(answers)
            else:
                future.set_exception(error)
                future.exception()  # Whoever asked may have gone; nobody need be told then.

        def ask() -> None:
            answers: Answers = []
            failure: Exception | None = None
            try:
                found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
                # One per address, in the order of the system's preference (RFC 6724).
                answers = list(dict.fromkeys(str(a[4][0]).partition("%")[0] for a in found))
            except (OSError, UnicodeError) as error:
                failure = error
            with contextlib.suppress(RuntimeError):  # The loop was closed meanwhile.
                loop.call_soon_threadsafe(settle, answers, failure)

        # A daemon, since the program's end must not wait for a dead name server.
        threading.Thread(target=ask, name=f"dns {name}", daemon=True).start()
        return future


class _SmallReads(httpcore.AsyncNetworkStream):
    """A network stream that is read in small pieces."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._inner.read(min(max_bytes, _READ), timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return _SmallReads(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)
