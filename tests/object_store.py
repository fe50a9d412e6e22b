"""An object store on the loopback (moto's), which loses writes and cuts reads when asked to."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

__all__ = ["BUCKET", "Store", "object_store"]

BUCKET = "crawl"
_PORT_OF_CHOICE = 0


class Store:
    """The store as a WSGI application.

    Attributes:
        url: where it listens.
        lost: how many writes of objects whose key ends so are answered and not done.
        cut: how many reads of objects whose key ends so end half-way.
        checksums: whether a read that was cut comes with the checksum of the whole.
    """

    def __init__(self) -> None:
        from moto.server import DomainDispatcherApplication, create_backend_app

        self._app = DomainDispatcherApplication(create_backend_app)
        self.url = ""
        self.lost: Counter[str] = Counter()
        self.cut: Counter[str] = Counter()
        self.checksums = False

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if method == "PUT" and _due(self.lost, path):
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start_response("200 OK", [("ETag", '"0"'), ("Content-Length", "0")])
            return [b""]
        if method == "GET" and _due(self.cut, path):
            told: list[Any] = []
            body = b"".join(self._app(environ, lambda *given: told.extend(given)))
            half = body[: len(body) // 2]
            gone = ("content-length",) if self.checksums else ("content-length", "x-amz-checksum")
            headers = [one for one in told[1] if not one[0].lower().startswith(gone)]
            start_response(told[0], [*headers, ("Content-Length", str(len(half)))])
            return [half]
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer


def _due(faults: Counter[str], path: str) -> bool:
    for end, left in faults.items():
        if left and path.endswith(end):
            faults[end] -= 1
            return True
    return False


@contextmanager
def object_store() -> Iterator[Store]:
    """Run a store with an empty bucket, which fsspec of this process reads; skips without moto."""
    pytest.importorskip("moto", reason="moto is not installed: pip install 'moto[s3]'")
    s3fs = pytest.importorskip("s3fs", reason="s3fs is not installed: scraper[buckets]")
    import fsspec
    from werkzeug.serving import make_server

    store = Store()
    server = make_server("127.0.0.1", _PORT_OF_CHOICE, store, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    store.url = f"http://127.0.0.1:{server.server_port}"
    options = {"endpoint_url": store.url, "key": "nobody", "secret": "nothing"}
    options["client_kwargs"] = {"region_name": "eu-west-1"}  # type: ignore[assignment]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(fsspec.config.conf, "s3", options)
        s3fs.S3FileSystem().mkdir(BUCKET)
        try:
            yield store
        finally:
            s3fs.S3FileSystem().rm(BUCKET, recursive=True)
            s3fs.S3FileSystem.clear_instance_cache()
            server.shutdown()
            server.server_close()
