# `make run` shows what is wrong with this host; `make test` proves that it can be believed.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
# Where bytecode may not be kept, every program that a test starts compiles all of ours anew.
unexport PYTHONDONTWRITEBYTECODE

VENV   := .venv
BIN    := $(VENV)/bin
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,$(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $(p))))
PIP     = $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
STORY  ?=
# Worker processes for the tests, more than there are cores: a third of the fast part's time is waiting for what hangs
# on purpose, and the lab's namespaces wait for daemons (its kernels do not: each has a core, and waits for one).
CORES  := $(shell nproc)
JOBS   ?= $(shell expr 2 \* $(CORES))
LAB_JOBS ?= $(shell expr 2 \* $(CORES))

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

# 1, 2 and 3 say what was found; but 3 also says that the settings or a plugin kept the cycle from running at all.
run: $(VENV)/.run ## one cycle of every check on this host, shown and recorded
	@$(BIN)/watchdog run || code=$$?; \
	case $${code:-0} in 0|1|2) ;; 3) $(BIN)/watchdog config check >/dev/null 2>&1 ;; *) exit $$code ;; esac
	@echo "next: $(BIN)/watchdog status, or $(BIN)/watchdog --help"

test: lab-deps unit-and-lab ## every test, with the lab (as root it installs what the lab needs)

check: lint unit ## the fast part: linters, types, unit tests

# mypy without its cache has one core for half a minute: beside it the others run, and each says its word at its end.
lint: $(VENV)/.dev ## ruff, mypy --strict, import contracts
	@$(MAKE) -k -j$(CORES) --output-sync=target types ruff contracts rewritten

types: $(VENV)/.dev
	$(BIN)/mypy

ruff: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

contracts: $(VENV)/.dev
	$(BIN)/lint-imports --no-logo

# pytest rewrites each assert, and keeps what it made: the first time each worker would do it for all the tests.
rewritten: $(VENV)/.rewritten
	@:

$(VENV)/.rewritten: | $(VENV)/.dev
	@$(BIN)/pytest -qq --collect-only > /dev/null 2>&1 || true  # what is wrong there the tests themselves will say
	@touch $@

format: $(VENV)/.dev ## let ruff put the code in order
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

unit: $(VENV)/.dev $(VENV)/.rewritten
	$(BIN)/pytest -q -n $(JOBS) --dist loadgroup -m "not lab and not program"

unit-and-lab: $(VENV)/.dev $(VENV)/.rewritten
	$(BIN)/pytest -q -n $(LAB_JOBS) --dist loadgroup

lab-deps: ## bring by apt what the lab needs (root; without root it says what is missing)
	@tests/lab/install-deps

demo: $(VENV)/.dev ## make demo STORY=bond-member-down; without STORY, the list of stories
	@$(BIN)/python -m tests.lab.demo $(STORY)

bench: $(VENV)/.dev ## what it costs, measured now on this machine
	@$(BIN)/python -m bench

lock: $(VENV)/.dev ## renew requirements*.lock from pyproject.toml
	$(PIP) install uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --upgrade --extra build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -c requirements.lock --extra build --extra dev pyproject.toml -o requirements-dev.lock

clean: ## remove the environment and every cache
	rm -rf $(VENV) .lab build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Debian puts venv's ensurepip into a package of its own; a new machine may lack it.
$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "make: needs Python 3.11 or newer; on Debian 12: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -q python3-venv >/dev/null; \
	  else echo "make: Python has no venv; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; fi; }
	@echo "making $(VENV) and installing what is locked in requirements*.lock: a minute, this first time" >&2
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements.lock pyproject.toml
	@test -e $(VENV)/.dev || $(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python requirements-dev.lock pyproject.toml
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $(VENV)/.run $@

.PHONY: help run test check lint types ruff contracts rewritten format unit unit-and-lab lab-deps demo bench lock clean
