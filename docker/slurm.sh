#!/bin/bash
# One node of a Slurm cluster, in Apptainer: sbatch docker/slurm.sh
# Before: apptainer build trainer.sif docker-daemon://polyglot-trainer:latest, and the same for sandbox.sif.
# Apptainer and enroot give no second uid and keep the host's network, so the sandbox is at level `unprivileged`: Landlock and
# seccomp need no right of any kind. Level `full` works where the node allows user namespaces within Apptainer's own; then
# leave --isolation out. `apptainer exec sandbox.sif python -m sandbox.serve` says at its start what it lacks.
#SBATCH --job-name=polyglot
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --gpus=4
#SBATCH --cpus-per-task=32
#SBATCH --mem=256G
#SBATCH --time=24:00:00
set -euo pipefail

POLYGLOT_SANDBOX_TOKEN=$(openssl rand -hex 32)
export POLYGLOT_SANDBOX_TOKEN
port=$((20000 + SLURM_JOB_ID % 20000))

apptainer run --containall --no-home --writable-tmpfs --env "POLYGLOT_SANDBOX_TOKEN=$POLYGLOT_SANDBOX_TOKEN" \
  sandbox.sif --host 127.0.0.1 --port "$port" --isolation unprivileged &
sandbox=$!
trap 'kill "$sandbox"' EXIT
until curl --silent --fail "http://127.0.0.1:$port/ready" > /dev/null; do
  kill -0 "$sandbox"
  sleep 1
done

apptainer run --nv --containall --bind "$PWD:/runs" --pwd /runs \
  --env "POLYGLOT_SANDBOX_TOKEN=$POLYGLOT_SANDBOX_TOKEN" \
  trainer.sif rl.train cluster=ray cluster.processes=4 cluster.gpus_per_process=1 \
  sandbox=remote sandbox.url="http://127.0.0.1:$port" "$@"
