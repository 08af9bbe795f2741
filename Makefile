# Everything a person, a commit hook or CI does here goes through a target of this file. `make` lists them.
#
# Each target sets up .venv first if that is needed. The interpreter is the first of $(PYTHONS) that is Python
# 3.11 to 3.13 and can make a virtual environment; name another with `make setup PYTHON=/path/to/python3`.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHONS := python3.13 python3.12 python3.11 python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The oldest Python of the range, for `make oldest`.
OLDEST ?= python3.11
# Test processes; the suite is laid out for two cores.
WORKERS ?= 2
# Options for pytest, such as ARGS="-k publish".
ARGS ?=
PORT ?= 3000

export UV_PYTHON_DOWNLOADS := never
export DAGSTER_HOME := $(CURDIR)/.dagster
export DAGSTER_DISABLE_TELEMETRY := yes
export SQLFLUFF_PROCESSES ?= $(WORKERS)
# Compiling modules, and the assertions of tests, is a third of what a run of the tests begins with.
unexport PYTHONDONTWRITEBYTECODE

say = printf '\033[1m==>\033[0m %s\n'

.PHONY: help setup warehouse test test-long test-longest test-all oldest torture lint types docs check spark clients proofs bench models ui pictures texts format lock clean

help: ## List the targets
	@awk 'BEGIN { FS = ":.*## "; print "Bilateral: make TARGET" } \
	    /^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv and install what requirements.lock names (again only when that changes)

warehouse: setup ## Build, audit and publish warehouse/bilateral.duckdb
	@$(BIN)/bilateral build

test: setup ## Run the tests (WORKERS=2 processes; ARGS="-k name" for some of them)
	@$(say) "tests"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

test-long: setup ## Run the tests that take long: whole builds, Spark, Chromium (what is not installed is skipped)
	@$(say) "long tests"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder -m "(long or browser) and not longest" $(ARGS)

test-longest: setup ## Run the tests that take minutes each: two years of refreshes, a cluster that loses a worker
	@$(say) "longest tests"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder -m longest $(ARGS)

test-all: test test-long test-longest ## Run all tests

oldest: ## Run the tests, which build a warehouse, and install the wheel on the oldest Python (OLDEST=python3.11), in .venv-oldest
	@$(MAKE) test VENV=.venv-oldest PYTHON=$(OLDEST)
	@$(MAKE) test-long VENV=.venv-oldest ARGS=tests/cli/test_wheel.py

torture: setup ## Do to the warehouse what publishers, people and disks do, 30 minutes (ARGS="--kinds keys --minutes 5")
	@$(say) "torture"
	@$(BIN)/python -m tests.faults.torture $(ARGS)

lint: setup ## Check the style of Python (ruff) and SQL (sqlfluff), and which rooms import which (import-linter)
	@$(say) "ruff check"
	@$(BIN)/ruff check --quiet .
	@$(say) "ruff format --check"
	@$(BIN)/ruff format --quiet --check . || { echo "Some files are not formatted: run make format." >&2; exit 1; }
	@$(say) "lint-imports"
	@$(BIN)/lint-imports --no-cache --no-logo >$(VENV)/imports.txt || { cat $(VENV)/imports.txt >&2; exit 1; }
	@$(say) "sqlfluff lint"
	@$(BIN)/sqlfluff lint --disable-progress-bar --processes $(SQLFLUFF_PROCESSES) sql

types: setup ## Check the types (mypy, strict)
	@$(say) "mypy"
	@$(BIN)/mypy

docs: setup ## Check that the generated pages of docs/ are current (renew them with `bilateral docs`)
	@$(say) "docs"
	@$(BIN)/bilateral docs --check

check: lint types docs test ## Lint, types, docs and tests: what to run before each commit

spark: setup ## Install Apache Spark's client into .venv (docs/spark.md; half a gigabyte, needs Java)
	@$(BIN)/python -c 'import pyspark' 2>/dev/null || { \
	    $(say) "installing Spark into $(VENV)"; \
	    if uv --version >/dev/null 2>&1; then \
	        uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-spark.lock; \
	    else \
	        $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock; \
	    fi; \
	}

clients: warehouse ## Read the published file with DuckDB 1.2 to 1.5, and a site with httpfs (makes environments, with pip)
	@$(BIN)/python -m tests.publication.clients $(VENV)/clients
	@$(BIN)/python -m tests.site.clients $(VENV)/clients

proofs: warehouse ## Draw 1,000 figures, prove them, and compute them again with DuckDB 1.2 and this one (ARGS="100 7": number, seed)
	@$(BIN)/python -m tests.proof.drawing $(VENV)/clients $(ARGS)

bench: setup ## Measure builds, starts and questions beside others, into docs/benchmarks.md (ARGS="--rows 30000000")
	@$(BIN)/python -m benchmarks.run $(ARGS)

models: setup ## Choose seasonal models again and store forecasts, once a year, then build (ARGS="USA-CHN" adds a pair)
	@$(BIN)/python -m benchmarks.seasonal_models $(ARGS)

ui: setup ## Start Dagster at http://127.0.0.1:3000 (PORT=3000)
	@$(say) "Dagster at http://127.0.0.1:$(PORT), stop it with Ctrl-C"
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) exec $(BIN)/python -m dagster_project.defs.ui $(PORT)

pictures: setup ## Renew the pictures of docs/pictures that a browser takes (needs Chromium, some minutes)
	@folder="$$(mktemp -d)"; \
	BILATERAL_PICTURES="$$folder" $(BIN)/python -m pytest -m browser tests/defs/test_browser.py tests/report/test_browser.py $(ARGS); \
	for picture in docs/pictures/*.png; do \
	    if [ -f "$$folder/$${picture##*/}" ]; then cp "$$folder/$${picture##*/}" "$$picture"; fi; \
	done; \
	rm -r "$$folder"

texts: setup ## Collect the texts for readers, and add new ones to the catalogues of other languages
	@$(BIN)/python -m babel.messages.frontend -q extract -F babel.cfg -k translate --no-wrap --no-location --sort-output \
	    --output-file $(VENV)/texts.pot .
	@$(BIN)/python -m babel.messages.frontend -q update --no-wrap --no-fuzzy-matching --ignore-pot-creation-date --ignore-obsolete \
	    --input-file $(VENV)/texts.pot --output-file dagster_project/languages/ko/messages.po --locale ko

format: setup ## Format Python and mend what ruff and sqlfluff can mend
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format .
	@$(BIN)/sqlfluff fix --disable-progress-bar --processes $(SQLFLUFF_PROCESSES) sql

# The lock serves Python 3.11 to 3.13 and names no index: a package is known by its hashes, wherever it comes from.
lock: setup ## Renew requirements.lock and requirements-spark.lock (UPGRADE=1 takes the newest releases)
	@$(say) "requirements.lock"
	@{ sed -n '/^#/!q;p' requirements.lock; echo; \
	    { if [ -z "$(UPGRADE)" ]; then cat requirements.lock; fi; } > $(VENV)/lock.txt; \
	    PATH="$(CURDIR)/$(BIN):$$PATH" uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --extra build --extra dev --extra postgres \
	        --generate-hashes --no-strip-extras --no-header --no-emit-index-url --no-emit-find-links --output-file $(VENV)/lock.txt >/dev/null; \
	    cat $(VENV)/lock.txt; } > $(VENV)/lock.new
	@cp $(VENV)/lock.new requirements.lock
	@$(say) "requirements-spark.lock"
	@{ sed -n '/^#/!q;p' requirements-spark.lock; echo; \
	    if [ -n "$(UPGRADE)" ]; then : >$(VENV)/lock.txt; else cp requirements-spark.lock $(VENV)/lock.txt; fi; \
	    $(BIN)/python -c "$$EXTRA" spark | PATH="$(CURDIR)/$(BIN):$$PATH" uv pip compile - --quiet --universal --python-version 3.11 \
	        --constraint requirements.lock --generate-hashes --no-strip-extras --no-header --no-emit-index-url --no-emit-find-links \
	        --no-annotate --output-file $(VENV)/lock.txt >/dev/null; \
	    cat $(VENV)/lock.txt; } > $(VENV)/lock.new
	@cp $(VENV)/lock.new requirements-spark.lock

clean: ## Remove caches and .venv; the warehouse stays
	@rm -rf $(VENV) .venv-oldest .pytest_cache .mypy_cache .ruff_cache build dist
	@find dagster_project tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- how .venv comes to be -------------------------------------------------------------------------------------------

# True of an interpreter that this project runs on.
define FITS
import sys
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
endef
export FITS

# Writes an environment's new place into its scripts. One that a script's first line cannot hold has to be made anew.
define MOVED
import pathlib, sys
was, now = (place.encode() for place in sys.argv[1:])
if b" " in now or len(now) > 100:
    sys.exit(1)
for script in pathlib.Path(sys.argv[2], "bin").iterdir():
    if script.is_file() and not script.is_symlink():
        text = script.read_bytes()
        if b"\0" not in text[:1000] and was in text:
            script.write_bytes(text.replace(was, now))
endef
export MOVED

# The requirements of an extra, a line each.
define EXTRA
import sys, tomllib
with open("pyproject.toml", "rb") as file:
    print("\n".join(tomllib.load(file)["project"]["optional-dependencies"][sys.argv[1]]))
endef
export EXTRA

# An environment knows its own place, so one that was moved or copied with its folder is mended first.
ifneq ($(shell cat $(READY) 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
endif

# Compiling all that is installed costs more (27 s of CPU) than a first build saves, which compiles what it imports;
# but where Python may write no bytecode, each command would compile that again.
$(READY): pyproject.toml requirements.lock
	@set -euo pipefail; \
	was="$$(cat $(READY) 2>/dev/null || true)"; \
	if [ -n "$$was" ] && [ "$$was" != "$(CURDIR)" ]; then \
	    $(say) "mending $(VENV), which was made in $$was"; \
	    $(BIN)/python -c "$$MOVED" "$$was/$(VENV)" "$(CURDIR)/$(VENV)" 2>/dev/null || rm -rf $(VENV); \
	fi; \
	fits() { "$$1" -c "$$FITS" >/dev/null 2>&1; }; \
	if uv --version >/dev/null 2>&1; then installer=uv; else installer=pip; fi; \
	make_venv() { \
	    rm -rf $(VENV); \
	    if [ $$installer = uv ]; then \
	        uv venv --quiet --python "$$("$$1" -c 'import sys; print(sys.executable)')" $(VENV); \
	    else \
	        "$$1" -m venv $(VENV) && $(BIN)/python -m pip --version; \
	    fi >/dev/null 2>&1; \
	}; \
	if [ -n "$(PYTHON)" ]; then \
	    fits "$(PYTHON)" || { echo "$(PYTHON) is not Python 3.11, 3.12 or 3.13." >&2; exit 1; }; \
	    make_venv "$(PYTHON)" || { echo "$(PYTHON) cannot make a virtual environment." >&2; exit 1; }; \
	elif ! fits $(BIN)/python || { [ $$installer = pip ] && ! $(BIN)/python -m pip --version >/dev/null 2>&1; }; then \
	    found=; \
	    for python in $(PYTHONS); do if fits $$python && make_venv $$python; then found=$$python; break; fi; done; \
	    [ -n "$$found" ] || { \
	        echo "No Python 3.11, 3.12 or 3.13 that can make a virtual environment was found (on Debian: python3-venv)." >&2; \
	        echo "Install one, or name it: make setup PYTHON=/path/to/python3" >&2; exit 1; }; \
	fi; \
	$(say) "installing into $(VENV) with $$installer ($$($(BIN)/python --version)); once, and it takes minutes"; \
	if [ -n "$${PYTHONDONTWRITEBYTECODE:-}" ]; then compile=--compile; else compile=--no-compile; fi; \
	if [ $$installer = uv ]; then \
	    uv pip sync --quiet $$compile-bytecode --python $(BIN)/python --require-hashes requirements.lock; \
	    uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
	    $(BIN)/python -m pip install --quiet $$compile --disable-pip-version-check --require-hashes -r requirements.lock; \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi; \
	printf '%s' "$(CURDIR)" >$(READY)
