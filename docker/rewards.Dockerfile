# The rewards' server, without torch: docker build -f docker/rewards.Dockerfile -t polyglot-rewards .
FROM python:3.11-slim-bookworm

# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --no-install-recommends -y libseccomp2 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin rewards

COPY docker/rewards.lock /opt/polyglot/rewards.lock
RUN pip install --no-cache-dir --only-binary=:all: --no-deps --require-hashes -r /opt/polyglot/rewards.lock

COPY sandbox /opt/polyglot/sandbox
COPY rewards /opt/polyglot/rewards
COPY conf/reward /opt/polyglot/conf/reward
ENV PYTHONPATH=/opt/polyglot PYTHONDONTWRITEBYTECODE=1 RAY_USAGE_STATS_ENABLED=0
RUN python -m compileall -q /opt/polyglot

USER 10001:10001
WORKDIR /opt/polyglot
EXPOSE 8800
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8800/health', timeout=4)"]
ENTRYPOINT ["python", "-m", "rewards.serve", "--host", "0.0.0.0", "--port", "8800"]
