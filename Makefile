# make demo: install into .venv and train the built-in model, on a CPU, in minutes.
PYTHON ?= python3
EXTRA ?= $(if $(wildcard .venv/installed-gpu),gpu,cpu)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed-$(EXTRA)
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq
export HF_HUB_OFFLINE ?= 1

# What the sandbox isolates with; Debian's, where we may install it. `python -m rl.doctor` tells if it is missing.
define BUBBLEWRAP
command -v bwrap > /dev/null || test "$$(id -u)" != 0 || ! command -v apt-get > /dev/null || { \
  echo "  and bubblewrap, by apt-get"; \
  apt-get install -qq -y bubblewrap libseccomp2 > /dev/null 2>&1 || \
  { apt-get update -qq && apt-get install -qq -y bubblewrap libseccomp2 > /dev/null; } || \
  echo "  apt-get could not install bubblewrap: the sandbox will be weaker (see python -m rl.doctor)"; }
endef

.DEFAULT_GOAL := help
.PHONY: help demo install test check format docs bench clean browser

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: install  ## train the demo: eight languages, a CPU, eight minutes or more
	$(BIN)/python -m rl.train experiment=demo $(ARGS)

install: $(STAMP)  ## everything into .venv; EXTRA=gpu on a machine with CUDA

$(STAMP): pyproject.toml docker/cpu.lock docker/dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo \
	  "Polyglot-GRPO needs Python 3.11 or later and $(PYTHON) is older; name another: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	@echo "Installing into $(VENV): about two minutes, once."
	@$(PYTHON) -m venv $(VENV)
ifeq ($(EXTRA),gpu)
	@$(PIP) -e '.[gpu,dev]'
else
	@echo "  1/3 torch"
	@$(PIP) $(shell grep '^torch==' docker/cpu.lock)
	@echo "  2/3 vLLM, Ray, TRL and the rest, at the versions of docker/cpu.lock"
	@$(PIP) --no-deps -r docker/cpu.lock -r docker/dev.lock
	@echo "  3/3 this project"
	@$(PIP) --no-deps --no-build-isolation -e .
endif
	@$(BUBBLEWRAP)
	@touch $@

browser: install $(VENV)/browser  ## Chromium and Playwright, which look at the report in the tests

# Debian's Chromium, where we may install it; without it those tests are skipped, with the reason.
$(VENV)/browser: docker/browser.lock | $(STAMP)
	@$(PIP) --no-deps -r docker/browser.lock || echo "  no Playwright: the tests of the report's page are skipped"
	@command -v chromium > /dev/null || test "$$(id -u)" != 0 || ! command -v apt-get > /dev/null || { \
	  echo "  and Chromium, by apt-get"; \
	  apt-get install -qq -y --no-install-recommends chromium fonts-noto-core > /dev/null 2>&1 || \
	  { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium fonts-noto-core > /dev/null; } || \
	  echo "  apt-get could not install Chromium: the tests of the report's page are skipped"; }
	@touch $@

# Whole runs start engines, which take all cores: they come last.
test: install browser  ## the tests; ARGS="tests/rewards -x" for some of them
ifdef ARGS
	$(BIN)/python -m pytest -q $(ARGS)
else
	$(BIN)/python -m pytest -q -n 2 --max-worker-restart=0 --dist loadfile --ignore=tests/runs
	$(BIN)/python -m pytest -q -n 2 --max-worker-restart=0 --dist loadfile tests/runs
endif

check: install  ## ruff, ruff format, mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install  ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: install $(VENV)/docs/installed  ## the documentation as a site, into site/
	$(BIN)/python docs/settings.py
	NO_MKDOCS_2_WARNING=1 $(VENV)/docs/bin/mkdocs build -q -f .ci/mkdocs.yml

$(VENV)/docs/installed: docker/docs.lock
	@$(PYTHON) -m venv $(VENV)/docs
	@$(VENV)/docs/bin/python -m pip --disable-pip-version-check install -qq --no-deps -r docker/docs.lock
	@touch $@

bench: install  ## measure this machine
	$(BIN)/python -m benchmarks.sandbox
	$(BIN)/python -m benchmarks.rewards
	$(BIN)/python -m benchmarks.language
	$(BIN)/python -m benchmarks.service
	$(BIN)/python -m benchmarks.scale
	$(BIN)/python -m benchmarks.sharded
	$(BIN)/python -m benchmarks.trl_loop
	$(BIN)/python -m benchmarks.bench $(ARGS)

clean:  ## remove .venv and caches; outputs/ stays
	rm -rf $(VENV) build site .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
