# Every target makes and keeps .venv at the root; nothing is installed anywhere else.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JUDGES := .venv-judges
WORKERS ?= 2
ARGS ?=
ICS ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

REQUIREMENTS := requirements.txt functions/requirements.txt toolkit/pyproject.toml

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

.PHONY: demo
demo: setup ## Set up from nothing, start the stack, play the story, stay up (ARGS=--once ends, ARGS='--engine official', ICS=file)
	@PYTHONPATH=scripts $(BIN)/python -m demo $(if $(ICS),--ics '$(ICS)') $(ARGS)

.PHONY: test
test: setup judges ## Set up from nothing and run every check and test that CI runs
	@$(MAKE) --no-print-directory check
	@$(BIN)/pytest -n $(WORKERS) --dist loadgroup $(ARGS)

.PHONY: check
check: setup ## Formatting, lint, types, stale generated files
	@$(BIN)/ruff format --check --quiet . || { echo "run 'make format'"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/firewarden rules build --check

.PHONY: format
format: setup ## Format and fix what can be fixed; assemble firestore.rules
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/firewarden rules build

.PHONY: coverage
coverage: setup judges ## Run the tests with branch coverage
	@$(BIN)/coverage erase
	@$(BIN)/pytest -n $(WORKERS) --dist loadgroup --cov --cov-report=term:skip-covered $(ARGS)

.PHONY: coverage-rules
coverage-rules: setup ## Every branch of the rules language and its engine, by their own tests
	@$(BIN)/coverage erase
	@$(BIN)/pytest -n $(WORKERS) --dist loadgroup --cov --cov-report= toolkit/tests/language toolkit/tests/rules toolkit/tests/rules_engine toolkit/tests/rules_explain
	@$(BIN)/coverage report --fail-under=100 --show-missing --skip-covered --include='*/firewarden/language/*,*/firewarden/rules/*'

.PHONY: coverage-payments
coverage-payments: setup ## Statements and branches of what moves money, by the tests of payments
	@$(BIN)/coverage erase
	@$(BIN)/pytest -n $(WORKERS) --dist loadgroup --cov --cov-report= tests/payments --ignore=tests/payments/test_soak.py
	@# Of statements and branches together: so high that of the branches alone it is more than 95 % as well.
	@$(BIN)/coverage report --precision=1 --fail-under=99.5 --show-missing --skip-covered --include='*/gather/payments/*'

.PHONY: rules-coverage
rules-coverage: setup ## Which conditions of firestore.rules its cases never met, or always (ARGS='--rules-coverage=html:FILE')
	@$(BIN)/pytest -q rules/cases tests/rules/test_bounds.py --rules-coverage $(ARGS)

.PHONY: simulate
simulate: setup ## Seats and money on seeded schedules of people, Stripe, faults, crashes and time (N=200 SEED=1 WORKERS=2, REPLAY=file)
	@$(BIN)/python tests/simulation --schedules $${N:-200} --seed $${SEED:-1} --workers $(WORKERS) $(if $(REPLAY),--replay '$(REPLAY)') $(ARGS)

.PHONY: payments-soak
payments-soak: setup ## Money, tickets and seats under random events of Stripe's and crashes (N=10000 SEED=1 WORKERS=2)
	@$(BIN)/python tests/payments/soak --histories $${N:-1000} --seed $${SEED:-1} --workers $${WORKERS:-2} $(ARGS)

.PHONY: soak
soak: setup ## The concurrency test over many seeds (SEEDS=20)
	@GATHER_SEEDS=$${SEEDS:-20} $(BIN)/pytest tests/e2e/test_concurrency.py $(ARGS)

.PHONY: soak-burst
soak-burst: setup ## A crowd of BURST=1000 answers one event at once: few writes of the event, nobody left unsettled
	@GATHER_BURST=$${BURST:-1000} $(BIN)/pytest -s tests/attendance/test_burst.py $(ARGS)

.PHONY: storm
storm: setup ## Many RSVPs at once, through the whole stack: settle times, writes of the event, cost (N=1000 EVENTS=1 ARGS='--engine official')
	@$(BIN)/python tests/storm --rsvps $${N:-1000} --events $${EVENTS:-1} $(ARGS)

.PHONY: costs
costs: setup ## Write the tables of docs/cost.md and docs/scale.md anew: costs as the tests claim them, storms as foreseen
	@$(BIN)/python tests/costs

.PHONY: storm-tickets
storm-tickets: setup ## BUYERS=500 buy 100 tickets over HTTP and pay for them at once: exactly 100 are sold; how fast it was
	@GATHER_BUYERS=$${BUYERS:-500} $(BIN)/pytest -s tests/e2e/test_ticket_storm.py $(ARGS)

.PHONY: bench-rules
bench-rules: setup ## How fast rules are decided, beside Google's emulator (ARGS='--json FILE')
	@$(BIN)/python bench/rules.py $(ARGS)

.PHONY: bench-firestore
bench-firestore: setup ## How fast the local Firestore is, beside Google's emulator (ARGS='--json FILE --quick')
	@$(BIN)/python bench/firestore.py $(ARGS)

.PHONY: bench-listeners
bench-listeners: setup ## How soon a listener knows of 10,000 changes and what one costs, beside Google's emulator (ARGS='--json FILE --quick')
	@$(BIN)/python bench/listeners.py $(ARGS)

.PHONY: bench-fixtures
bench-fixtures: setup ## What the fixture adds to each of 200 tests, beside Google's emulator (ARGS='--json FILE --rounds 1')
	@$(BIN)/python bench/fixtures.py $(ARGS)

.PHONY: bench-in-process
bench-in-process: setup ## How soon a Firestore is ready, in a fresh process and as a server (ARGS='--json FILE --rounds N')
	@$(BIN)/python bench/in_process.py $(ARGS)

.PHONY: test-image
test-image: setup ## The steps of toolkit/docker/Dockerfile without Docker: build, install alone, serve (downloads what is installed)
	@FIREWARDEN_IMAGE=1 $(BIN)/pytest -q toolkit/tests/packaging $(ARGS)

.PHONY: test-official
test-official: setup judges ## Gather's integration tests on Google's emulator, where one is found (REQUIRE_OFFICIAL=1 insists)
	@$(BIN)/python tests/conformance --engine official --suite gather --workers $(WORKERS) $(if $(ARGS),-- $(ARGS))

.PHONY: conformance
conformance: setup judges ## All integration tests on our own Firestore and on Google's emulator, and one table (REQUIRE_OFFICIAL=1 insists)
	@$(BIN)/python tests/conformance --workers $(WORKERS) $(if $(ARGS),-- $(ARGS))

.PHONY: conformance-rules
conformance-rules: setup ## Generated rules and requests, asked of both engines (ARGS='--decisions N --seed S')
	@$(BIN)/python toolkit/tests/conformance/rules $(ARGS)

.PHONY: conformance-firestore
conformance-firestore: setup ## Generated histories, asked of our server, a model and the emulator (ARGS='--histories N --seed S')
	@$(BIN)/python toolkit/tests/conformance/firestore $(ARGS)

.PHONY: conformance-listeners
conformance-listeners: setup ## Generated histories with listeners: every snapshot held against what was stored then (ARGS='--histories N --seed S')
	@$(BIN)/python toolkit/tests/conformance/listeners $(ARGS)

.PHONY: soak-store
soak-store: setup ## Kill a writing process again and again, and look for what is lost (ARGS='--rounds N --seed S')
	@$(BIN)/python -m toolkit.tests.store.crash $(ARGS)

.PHONY: fuzz-rules
fuzz-rules: setup ## A million odd sources and expressions, fed to the rules engine (ARGS='--inputs N --seed S')
	@$(BIN)/python toolkit/tests/fuzz/rules $(ARGS)

.PHONY: setup
setup: $(VENV)/.installed

$(VENV)/.installed: $(REQUIREMENTS)
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; use PYTHON=python3.x") if sys.version_info < (3, 11) else None'
	@echo "installing into $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet -r requirements.txt
	@# Tests start many processes, also where Python is told to write no bytecode.
	@$(BIN)/python -m compileall -q toolkit/src functions scripts
	@touch $@

.PHONY: judges
judges: $(JUDGES)/.installed ## Calendar clients that read our feed, stand-ins that check ours: in an environment of their own

JUDGES_OF := tests/feeds/judges/requirements.txt tests/stripe_stand_in/judges/requirements.txt
JUDGES_OF_NPM := tests/stripe_stand_in/judges/package.json

$(JUDGES)/.installed: $(JUDGES_OF) $(JUDGES_OF_NPM)
	@echo "installing into $(JUDGES) ..."
	@test -x $(JUDGES)/bin/python || $(PYTHON) -m venv $(JUDGES)
	@$(JUDGES)/bin/python -m pip install --quiet $(JUDGES_OF:%=-r %)
	@mkdir -p $(JUDGES)/node && cp $(JUDGES_OF_NPM) $(JUDGES)/node/
	@# Where there is no Node, the tests that need it say so and are skipped.
	@if command -v npm > /dev/null; then npm install --silent --no-audit --no-fund --prefix $(JUDGES)/node; fi
	@touch $@

.PHONY: clean
clean: ## Remove the environments and caches
	@rm -rf $(VENV) $(JUDGES) .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov .coverage*
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
