# Set-up, measuring and checking; `make help` lists the targets.
PYTHON ?= python3
VENV   ?= .venv
RUN     = $(VENV)/bin/python -m
READY   = $(VENV)/.ready
FRESH  ?=

.DEFAULT_GOAL := help
.PHONY: help install bench report test check lint types benchmark acceptance lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: $(READY) ## Set up the virtual environment, the pinned packages and, where there is none, a Java runtime

$(READY): requirements.lock requirements-java.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(RUN) pip install --quiet --require-hashes -r requirements.lock
	$(RUN) pip install --quiet --no-deps --editable .
	$(RUN) bench.measure.java || $(RUN) pip install --quiet --require-hashes -r requirements-java.lock
	$(RUN) bench.measure.java || echo "no Java runtime: Spark's strategies will be unavailable"
	@touch $@

bench: $(READY) ## Run the five strategies on a million points, then write the report (FRESH=1 measures anew)
	$(RUN) bench run --workload million $(if $(FRESH),--fresh)

report: $(READY) ## Rebuild tables, plots and report from the measurements, without measuring
	$(RUN) bench report

test: $(READY) ## Run the unit tests and the contract suite
	$(RUN) pytest

check: $(READY) lint types test ## What CI runs: format, lint, types, tests

lint: $(READY)
	$(RUN) ruff format --check .
	$(RUN) ruff check .

types: $(READY)
	$(RUN) mypy
