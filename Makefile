# Every target works on a fresh clone: the first one makes .venv from uv.lock, later ones find it in step.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help install check test fuzz torture demo bench clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile

install: .venv/.synced ## Make .venv from the locked versions

.venv/.synced: uv.lock pyproject.toml scripts/bootstrap.py
	@echo "Bringing .venv in step with uv.lock"
	@$(PYTHON) scripts/bootstrap.py

check: install ## Format, lint, strict types, import rules, lock file in step
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/uv lock --check

test: install ## Run all tests, against an embedded PostgreSQL
	$(BIN)/pytest -n 2 --dist loadscope

fuzz: install ## 200,000 odd filters, URLs and queries; 3,300 requests of that kind to the services
	$(BIN)/python -m tests.proofs.fuzz

torture: install ## Kill every process 200 times in all; ARGS="--seed 7 --kills 50" for another way
	$(BIN)/python -m tests.torture.long $(ARGS)

demo: install ## Run the whole process, prospect to cash, with sample data
	$(BIN)/p2c demo

bench: install ## Measure 100,000 accounts beside other programs, accounts through the hub, the services, data packages
	$(BIN)/python -m benchmarks.peers --write
	$(BIN)/python -m benchmarks.accounts --profile --write
	$(BIN)/python -m benchmarks.services --write
	$(BIN)/python -m benchmarks.packages --write

clean: ## Remove .venv, builds and caches
	rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
