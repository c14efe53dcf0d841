# Training on CUDA: docker build -f docker/trainer.Dockerfile -t polyglot-trainer .
#   docker run --gpus all --shm-size 8g polyglot-trainer rl.train sandbox=remote sandbox.url=http://...
# CUDA's libraries come with the wheels of docker/gpu.lock; of the host there has to be the driver and NVIDIA's container
# toolkit. Programs that a model writes run in the sandbox's own container, not here.
FROM python:3.11-slim-bookworm

# Triton compiles its launchers with a C compiler.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --no-install-recommends -y bubblewrap gcc libc6-dev libnuma1 libseccomp2 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home --shell /usr/sbin/nologin trainer

COPY docker/gpu.lock /opt/polyglot/docker/gpu.lock
RUN pip install --no-cache-dir --no-deps --require-hashes -r /opt/polyglot/docker/gpu.lock

WORKDIR /opt/polyglot
COPY pyproject.toml README.md LICENSE ./
COPY sandbox sandbox
COPY rewards rewards
COPY rl rl
COPY conf conf
COPY docker/cpu.lock docker/cpu.lock
ENV PYTHONPATH=/opt/polyglot PYTHONDONTWRITEBYTECODE=1 RAY_USAGE_STATS_ENABLED=0 \
    NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
RUN python -m compileall -q /opt/polyglot && mkdir /runs && chown 10001:10001 /runs

USER 10001:10001
WORKDIR /runs
VOLUME /runs
ENTRYPOINT ["python", "-m"]
CMD ["rl.doctor"]
