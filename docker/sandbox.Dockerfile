# The sandbox's server alone, without torch: docker build -f docker/sandbox.Dockerfile -t polyglot-sandbox .
# docker/compose.yaml says how it should be run.
FROM python:3.11-slim-bookworm

# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --no-install-recommends -y bubblewrap libseccomp2 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin sandbox

COPY docker/sandbox.lock /opt/polyglot/sandbox.lock
RUN pip install --no-cache-dir --only-binary=:all: --no-deps --require-hashes -r /opt/polyglot/sandbox.lock

COPY sandbox /opt/polyglot/sandbox
ENV PYTHONPATH=/opt/polyglot PYTHONDONTWRITEBYTECODE=1
RUN python -m compileall -q /opt/polyglot

USER 10001:10001
WORKDIR /opt/polyglot
EXPOSE 8700
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8700/health', timeout=4)"]
ENTRYPOINT ["python", "-m", "sandbox.serve", "--host", "0.0.0.0", "--port", "8700"]
