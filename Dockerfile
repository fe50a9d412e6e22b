# Daemon and browser of an archive in one image; compose.yaml runs both on one volume.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY config ./config
COPY scraper ./scraper
RUN python -m venv /opt/scraper \
    && /opt/scraper/bin/pip install --no-cache-dir ".[alerts,metrics]"

FROM python:3.11-slim-bookworm
ENV PATH=/opt/scraper/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SCRAPER_ARCHIVE=/archive/data \
    TZ=UTC
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin scraper \
    && install -d -o scraper -g scraper /archive
COPY --from=build /opt/scraper /opt/scraper
USER 10001:10001
WORKDIR /archive
VOLUME ["/archive"]
STOPSIGNAL SIGTERM
# Of the daemon, with port = 9464 in [metrics] of settings.toml.
HEALTHCHECK --interval=1m --timeout=20s --start-period=2m --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:9464/healthz', timeout=15)"]
ENTRYPOINT ["scraper"]
CMD ["daemon"]
