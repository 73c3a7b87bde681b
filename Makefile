PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types imports docs man bench bench-short mutation packages kubernetes kubernetes-build clean

help: ## Show this list.
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

demo: .venv/runtime ## Run the main job for real, in a throw-away home.
	@$(BIN)/python -m devtools.demo

test: .venv/development packages ## Run the whole suite on a real engine and a real keyring.
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --cov

check: lint types imports bench-short test ## Everything that CI runs.

lint: .venv/development ## Ruff: style and errors.
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: .venv/development ## Mypy, strict.
	$(BIN)/mypy

imports: .venv/development ## Import-linter: the arrows between the layers.
	$(BIN)/lint-imports

docs: .venv/development ## Write docs/ anew from the commands.
	$(BIN)/python -m devtools.docs

man: .venv/development ## Write manual pages into man/.
	$(BIN)/python -m devtools.docs --man

bench: .venv/development packages kubernetes-build ## Measure against docker, in alternation, and a gateway under load; write docs/performance.md.
	$(BIN)/python -m devtools.bench --write $(BENCH)

bench-short: .venv/development packages ## Measure the quick commands again: are they as quick as docs/performance.md says?
	$(BIN)/python -m devtools.bench.short

mutation: .venv/mutation ## Change the domain and the token decoder a little, everywhere: does a test see it?
	rm -rf mutants
	$(BIN)/mutmut run
	@echo "not seen:"; $(BIN)/mutmut results

kubernetes: packages kubernetes-build ## Run a Kubernetes cluster, built once a machine, until interrupted.
	@$(BIN)/python -m devtools.kubernetes run

kubernetes-build: .venv/development
	@devtools/install-packages.sh kubernetes
	@$(BIN)/python -m devtools.kubernetes build

packages:
	@devtools/install-packages.sh test

clean: ## Remove what the other targets made.
	rm -rf .venv man mutants .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

.venv/runtime: pyproject.toml constraints.txt
	@devtools/make-venv.sh $(PYTHON) .
	@touch $@

.venv/development: pyproject.toml constraints.txt
	@devtools/make-venv.sh $(PYTHON) '.[dev]'
	@touch $@ .venv/runtime

.venv/mutation: pyproject.toml constraints.txt
	@devtools/make-venv.sh $(PYTHON) '.[dev,mutation]'
	@touch $@ .venv/runtime .venv/development
