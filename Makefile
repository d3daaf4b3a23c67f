# Two commands: `make run` serves the corpus, `make test` checks everything. Each is a thin line
# over the Python commands that the README shows.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
CORPUS ?= corpus
INDEX ?= .index
BIN := .venv/bin

.PHONY: help install run test eval lint format clean
.DEFAULT_GOAL := help

help:  ## Show what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  Settings: HOST=127.0.0.1 PORT=8000 CORPUS=corpus INDEX=.index PYTHON=python3"

install: .venv/installed  ## Make .venv with what serving needs

run: install  ## Build the index if the papers changed, and serve them
	$(BIN)/python -m ingest $(CORPUS) --index $(INDEX)
	$(BIN)/python -m service --index $(INDEX) --host $(HOST) --port $(PORT)

test: lint  ## Lint, types and all tests
	$(BIN)/python -m pytest

eval: .venv/installed-dev  ## Ask the gold questions of every system, score, report
	$(BIN)/python -m eval all --corpus $(CORPUS)

lint: .venv/installed-dev  ## Ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/installed-dev  ## Let ruff put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## Remove .venv, the index and caches
	rm -rf .venv $(INDEX) .eval build *.egg-info .mypy_cache .ruff_cache .pytest_cache

.venv/installed: pyproject.toml .ci/constraints.txt
	@echo "Installing into .venv; the first time this fetches about 1 GB and takes some minutes."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c .ci/constraints.txt -e .
	@touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c .ci/constraints.txt -e '.[dev]'
	@touch $@
