# What one does here. `make` alone prints the list.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
UV_VERSION := 0.13.9
export VAR_DIR ?= $(CURDIR)/var
export PORT_BASE ?= 7400
# Workers of pytest; the machines that we aim at have two cores.
WORKERS ?= 2

VENV := .venv
PY := $(VENV)/bin/python
STATE := .state
PACKAGES := $(sort $(wildcard libs/*/pyproject.toml services/*/pyproject.toml suite/pyproject.toml))
SOURCES := $(wildcard libs/kit/src libs/titles/src libs/ledger/src libs/seating/src libs/setups/src libs/render/src services/*/src suite/src)
CONTRACTS := $(shell find protos -name '*.proto' 2>/dev/null)
WEB := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/test-results/*' 2>/dev/null)

##@ The suite on this machine

.PHONY: run up down status reset seed audit bench soak
run: setup ## Start everything and keep it running until Ctrl-C (PORT_BASE=8400 moves all ports)
	@exec $(PY) -m suite run

up: setup ## Start everything in the background, and return when it is ready
	@$(PY) -m suite up

down: ## Stop what `make up` or `make run` started
	@if [ -x $(PY) ]; then $(PY) -m suite down; fi

status: ## Each process, its health, port and memory (for scripts: make -s status JSON=1)
	@$(PY) -m suite status $(if $(JSON),--json)

reset: ## Delete all data; the suite must be stopped
	@if [ -x $(PY) ]; then $(PY) -m suite reset; fi

seed: setup ## Load the demo organisation into the running suite; repeating it changes nothing
	@$(PY) -m suite seed

audit: setup ## Prove the invariants of the running suite, by RPC: capacities, journals, orders, totals
	@$(PY) -m suite audit

bench: setup ## Measure: make bench NAME=suite; figures go to bench/results/NAME.json
	@test -n "$(NAME)" || { echo "say which one: make bench NAME=suite"; exit 2; }
	@$(PY) -m suite bench $(NAME)

soak: setup ## The hot hour: 20 tills sell the same 5,000 places on bad lines for 5 minutes, on a suite of their own
	@CROWD_TILLS=20 CROWD_PLACES=5000 CROWD_SECONDS=300 $(VENV)/bin/pytest -n0 -s tests/e2e/test_crowd.py

##@ Setting up

.PHONY: setup lock web
setup: $(STATE)/packages $(STATE)/stubs $(STATE)/web ## Make .venv, generate stubs, build web/; quick when nothing changed

$(VENV)/bin/uv:
	@echo "making $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# Compiled once here: else nine processes would each compile all packages at the first start.
$(STATE)/requirements: requirements/dev.txt | $(VENV)/bin/uv
	@mkdir -p $(STATE)
	@echo "installing third-party packages"
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(VENV)/bin/uv pip sync --quiet --require-hashes --compile-bytecode requirements/dev.txt
	@touch $@

# libs/protos is packed from its generated stubs, so these come first.
$(STATE)/packages: $(STATE)/requirements $(PACKAGES) | $(STATE)/stubs
	@echo "installing our packages, editable"
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(VENV)/bin/uv pip install --quiet --no-deps --no-build-isolation \
	    $(foreach package,$(PACKAGES),-e $(dir $(package)))
	@touch $@

$(STATE)/stubs: $(CONTRACTS) suite/src/suite/protos.py | $(STATE)/requirements
	@$(PY) suite/src/suite/protos.py generate
	@touch $@

$(STATE)/node: web/package.json web/package-lock.json
	@command -v npm >/dev/null || { echo "npm is not on PATH: Node 20 or newer is needed"; exit 1; }
	@mkdir -p $(STATE)
	@echo "installing web/node_modules"
	@cd web && npm ci --silent
	@touch $@

$(STATE)/web: $(WEB) | $(STATE)/node
	@echo "building web/"
	@cd web && npm run --silent build
	@touch $@

lock: $(VENV)/bin/uv ## Pin third-party versions anew: requirements/*.in -> *.txt, with hashes, without addresses
	@for name in runtime dev; do \
	  $(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-annotate \
	    --python-version 3.11 requirements/$$name.in -o requirements/$$name.txt; done

web: $(STATE)/node ## Build the till and the design system
	@cd web && npm run build
	@touch $(STATE)/web

##@ Checking

.PHONY: test test-unit test-service test-e2e lint fmt types imports
test: setup ## Every test, with real servers and a real browser (PYTEST_ARGS='-k name' narrows it)
	@cd web && npm run --silent test
	@$(PY) -m pytest -n $(WORKERS) --dist loadscope $(PYTEST_ARGS)

test-unit: setup ## Tests without servers and browser (SERVICE=orders for one service)
	@$(PY) -m pytest -m "not service and not e2e" $(if $(SERVICE),services/$(SERVICE)) $(PYTEST_ARGS)

test-service: setup ## Everything but the browser (SERVICE=orders for one service)
	@$(PY) -m pytest -n $(WORKERS) --dist loadscope -m "not e2e" $(if $(SERVICE),services/$(SERVICE)) $(PYTEST_ARGS)

test-e2e: setup ## The main job in a real browser
	@$(PY) -m pytest -m e2e $(PYTEST_ARGS)

lint: $(STATE)/packages $(STATE)/node ## Style and likely mistakes: Python, contracts, TypeScript
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check
	@$(VENV)/bin/buf lint protos
	@cd web && npm run --silent lint
	@$(MAKE) --no-print-directory imports

fmt: setup ## Format Python, and mend what a machine can mend
	@$(VENV)/bin/ruff check --fix --quiet || true
	@$(VENV)/bin/ruff format

types: $(STATE)/packages ## Check types
	@$(VENV)/bin/mypy $(SOURCES)

imports: $(STATE)/packages ## Which room may import which (.importlinter)
	@$(VENV)/bin/lint-imports --no-cache

##@ Contracts

.PHONY: proto proto-check
proto: $(STATE)/requirements ## Generate the Python stubs of protos/ into libs/protos
	@$(PY) suite/src/suite/protos.py generate
	@touch $(STATE)/stubs

proto-check: $(STATE)/packages ## Do the contracts keep those of the last release, or else of main?
	@$(PY) suite/src/suite/protos.py check

##@ Cluster

.PHONY: images chart chart-up
images: setup ## Build one image per service (root; podman)
	@deploy/images.sh

chart: $(STATE)/packages ## Lint, render and validate the Helm chart
	@deploy/chart-check.sh

chart-up: setup ## Run the rendered chart as real containers and sell one ticket (root; podman)
	@deploy/chart-up.sh

##@ This list

.PHONY: help
help: ## Print this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z0-9-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
