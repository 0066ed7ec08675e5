# The two commands a newcomer needs are `make run` and `make test`; `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# Checks see the site as it stands in production, and leave the data directory alone.
PRODUCTION = DATA_DIR=$(VENV)/check DEBUG=false SITE_URL=https://blog.example \
	SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(48))')

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-header

.DEFAULT_GOAL := help
.PHONY: help run test bench check docs format lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.runtime ## Start the whole site at http://127.0.0.1:8000 (PORT=8001 changes it)
	@exec $(BIN)/python -m config.run.supervisor --prepare

test: $(VENV)/.development ## Run the tests on SQLite, without any service
	@$(BIN)/pytest -n auto

bench: $(VENV)/.development ## Measure, as ratios in one run
	@$(BIN)/python -m tests.bench

check: $(VENV)/.development ## Check format, lint, types, contracts, migrations, deployment, documents
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@$(PRODUCTION) $(BIN)/mypy .
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint --quiet --check templates
	$(BIN)/djlint --quiet --lint templates
	@$(PRODUCTION) $(MANAGE) makemigrations --check --dry-run
	@$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING
	@# Not --quiet: it silences the warnings before they are counted as errors.
	$(BIN)/mkdocs build --site-dir $(VENV)/check/site

docs: $(VENV)/.development ## Show the documents at http://127.0.0.1:8002 while they are written
	@$(BIN)/mkdocs serve --no-strict --dev-addr 127.0.0.1:8002

format: $(VENV)/.development ## Format Python and templates
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(BIN)/djlint --quiet --reformat templates

lock: $(VENV)/.development ## Compile the requirements (UPGRADE=--upgrade takes newer versions)
	$(COMPILE) $(UPGRADE) requirements.in --output-file requirements.txt
	$(COMPILE) $(UPGRADE) requirements-scale.in --output-file requirements-scale.txt
	$(COMPILE) $(UPGRADE) requirements-dev.in --output-file requirements-dev.txt \
		--constraints requirements.txt --constraints requirements-scale.txt

clean: ## Remove the environment and all caches; the site's data stays
	rm -rf $(VENV) .coverage htmlcov .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Heliograph needs Python 3.11 or newer; write make PYTHON=python3.11 run (or the name of another one)." if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# Stamps: packages are installed again only when the list of them has changed.
$(VENV)/.runtime: requirements.txt | $(BIN)/python
	@echo "Installing what the site needs"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt | $(BIN)/python
	@echo "Installing what the tests and checks need"
	@$(PIP) -r requirements-dev.txt
	@touch $@
