"""One POST to an address of the operator's own: alerts go out, nothing is fetched.

The address stands in the operator's configuration, so that it may lie on this machine or in the
own network. Redirects are not followed: a message goes where it was told to go or nowhere.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

import httpx

from scraper.fetching.rate_limit import retry_after
from scraper.record import record

__all__ = ["PostResult", "post"]

# Bytes of an answer that are read: what it says is shown in one line.
_MOST_BYTES = 2048


@record
class PostResult:
    """What came of a POST.

    Attributes:
        status: of the answer, or None where there was none.
        message: why it failed, in one line, or "".
        retry_after: how long the server asked to wait, or None.
        unsure: whether the body may have been taken though no answer came.
    """

    status: int | None
    message: str = ""
    retry_after: timedelta | None = None
    unsure: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the server said that it took the body."""
        return self.status is not None and 200 <= self.status < 300


async def post(
    url: str, body: bytes, headers: Mapping[str, str], *, timeout: float = 20.0
) -> PostResult:
    """Send a body to an address.

    Args:
        url: the address, http or https.
        body: what is sent.
        headers: with it.
        timeout: seconds that all of it may take.
    """
    limits = httpx.Timeout(timeout, connect=min(10.0, timeout))
    try:
        async with (
            asyncio.timeout(timeout),
            httpx.AsyncClient(
                timeout=limits, trust_env=False, follow_redirects=False, verify=_tls()
            ) as client,
            client.stream("POST", url, content=body, headers=dict(headers)) as answer,
        ):
            if 200 <= answer.status_code < 300:
                return PostResult(status=answer.status_code)
            said = b""
            async for piece in answer.aiter_raw():
                said += piece
                if len(said) >= _MOST_BYTES:
                    break
            return _result(answer, said[:_MOST_BYTES])
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
        return PostResult(status=None, message=f"no connection ({error or 'timeout'})")
    except httpx.InvalidURL as error:
        return PostResult(status=None, message=f"not an address ({error})")
    except (httpx.HTTPError, TimeoutError) as error:
        what = str(error) or f"no answer within {timeout:g} s"
        return PostResult(status=None, message=f"the answer was lost ({what})", unsure=True)


@cache
def _tls() -> ssl.SSLContext:
    """Return what verifies servers: one for all, each holds 0.7 MB until the collector comes by."""
    return httpx.create_ssl_context(trust_env=False)


def _result(answer: httpx.Response, said: bytes) -> PostResult:
    text = " ".join(said.decode("utf-8", "replace").split())[:200]
    wait = retry_after(answer.headers.get("retry-after", ""), datetime.now(UTC))
    return PostResult(
        status=answer.status_code,
        message=f"status {answer.status_code}" + (f": {text}" if text else ""),
        retry_after=wait,
        # A gateway does not know what became of the request behind it.
        unsure=answer.status_code in (502, 504),
    )
