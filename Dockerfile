# Any image with Python 3.11 to 3.14 and its venv module will do.
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS web
WORKDIR /build
COPY requirements/node.lock requirements/
RUN python3 -m venv /node \
    && /node/bin/python -m pip install --no-cache-dir --no-deps --require-hashes -r requirements/node.lock
ENV PATH=/node/bin:$PATH
COPY web/package.json web/package-lock.json web/.npmrc web/
RUN npm --prefix web ci
COPY web web
RUN npm --prefix web run build

FROM ${BASE} AS packages
# ray: for the machines of a cluster (PLACEMENT=ray)
ARG LOCK=run
COPY requirements/run.lock requirements/ray.lock requirements/
RUN python3 -m venv /app/.venv \
    && /app/.venv/bin/python -m pip install --no-cache-dir --no-deps --require-hashes -r requirements/${LOCK}.lock \
    && /app/.venv/bin/python -m pip uninstall --yes --quiet setuptools pip
# What no server imports: the packages' own tests, C sources, and LiteRT's tools and other chips.
RUN cd /app/.venv/lib/python3*/site-packages \
    && find . -type d -name tests -prune -exec rm -r {} + \
    && find asyncmy -name '*.c' -delete \
    && rm -r ai_edge_litert/tools ai_edge_litert/vendors ai_edge_litert/libLiteRtWebGpuAccelerator.so

FROM ${BASE}
RUN useradd --uid 10001 --home-dir /app --no-create-home --shell /usr/sbin/nologin rtc \
    && install --directory --owner=rtc --group=rtc /data
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=8080 \
    ICE_UDP_PORT=50000 \
    DATABASE_URL=sqlite:////data/rtc-server.db
COPY --from=packages /app/.venv .venv
COPY --from=web /build/web/dist web/dist
COPY rtc_server rtc_server
COPY signaling signaling
COPY scripts/healthcheck.py scripts/rtc-server scripts/
RUN ln -s /app/scripts/rtc-server .venv/bin/ && python -m compileall -q rtc_server signaling
USER rtc
# one UDP port a worker (MEDIA_WORKERS), from 50000 on
EXPOSE 8080 50000/udp
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s CMD ["python", "scripts/healthcheck.py"]
CMD ["python", "-m", "signaling"]
