# Everything runs in .venv. A stamp inside it says what is installed, so that a second run installs nothing.
# Another interpreter: make PYTHON=python3.13 test
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# The tests start many processes: with no bytecode kept, each of them would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE
PROJECTS := pyproject.toml $(wildcard adapters/*/pyproject.toml) examples/third_party_adapter/pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help demo test check schemathesis bench fuzz torture mutants live-medusa

help: ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

demo: .venv/.demo ## Run a small shop, a local Order Protection and 25 claims from end to end
	@$(BIN)/op-core demo

test: .venv/.dev ## Run every test, on SQLite and on PostgreSQL, and on the MariaDB that OP_TEST_MARIADB names
	@$(BIN)/pytest -n auto --dist loadfile

check: .venv/.dev ## Lint, format, types and import rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

schemathesis: .venv/.dev ## Ask the sandbox what nobody should ask, for three minutes
	@$(BIN)/python tests/sandbox/fuzz/run.py --seconds 180

bench: .venv/.dev ## Measure it, each figure beside a ceiling of the same run, as a table and as JSON
	@$(BIN)/python tests/bench/run.py

live-medusa: .venv/.dev ## Set up a Medusa (npm, minutes), read and write it, killed at every call
	@$(BIN)/python tests/live/medusa.py

fuzz: .venv/.dev ## Feed hostile input to all that reads, ten minutes for each (atheris: Linux on x86-64)
	@$(PIP) install 'atheris>=3'
	@$(BIN)/python tests/torture/fuzz.py --seconds 600

torture: .venv/.dev ## Every order of events, counted; every broken adapter, by every case; then real processes killed, on both databases
	@$(BIN)/python -m op_core.testing.histories --most 1000
	@OP_KIT_HISTORIES=250 $(BIN)/pytest -n auto --timeout 3600 -q $(wildcard adapters/*/tests/test_kit.py examples/*/tests/test_kit.py) -k 'Histories or Blind'
	@$(BIN)/python tests/zoo/matrix.py
	@$(BIN)/python tests/torture/kills/run.py --claims 300 --kills 60

mutants: .venv/.dev ## Break claims, ledger and webhooks in thousands of places, list what no test saw (two hours; MUTANTS='op_core.claims.caps.*')
	@$(PIP) install 'mutmut>=3.8,<4'
	@PATH="$(CURDIR)/$(BIN):$$PATH" python tests/mutants/run.py $(MUTANTS)

.venv/.demo: $(PROJECTS) | .venv/.made
	@echo "installing the demo into .venv"
	@$(PIP) install --editable '.[server]' --editable adapters/custom_store
	@touch $@

.venv/.dev: requirements-dev.txt $(PROJECTS) | .venv/.made
	@echo "installing what the tests and checks need into .venv"
	@$(PIP) install --requirement requirements-dev.txt
	@touch $@ .venv/.demo

.venv/.made:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "$(PYTHON) is not there; op-core needs Python 3.11 or newer (Debian, Ubuntu: apt install python3 python3-venv)"; \
	  exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$$($(PYTHON) --version) is too old; op-core needs 3.11 or newer"; \
	  echo "Debian, Ubuntu: apt install python3.12 python3.12-venv, then: make PYTHON=python3.12"; \
	  exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make an environment: its module venv or ensurepip is missing"; \
	  echo "Debian, Ubuntu: apt install $$($(PYTHON) -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')"; \
	  exit 1; }
	@$(PYTHON) -m venv .venv
	@touch $@
