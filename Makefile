# GNU make 3.81 (macOS) suffices. Nothing is needed but Python 3.11 or newer.

HOST ?= 127.0.0.1
PORT ?= 8060
PYTHON ?=
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
DEPLOY := $(VENV)/.deploy-installed

STACK ?=
HUB ?=
PROFILE ?=
REGION ?=
# YES=1 deploys and destroys without asking.
YES ?=
ANSWER := $(if $(YES),--yes)

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header

# The functions run on one platform only, from wheels.
LOCK_LAMBDA := uv pip compile --quiet --python-version 3.13 --python-platform aarch64-manylinux_2_28 \
	--only-binary :all: --generate-hashes --no-emit-index-url --no-emit-find-links --no-header

.PHONY: help setup demo demo-reset test test-long lint format check bench mutants lock clean
.PHONY: setup-deploy preflight preview up deploy deploy-spokes destroy need-stack need-pulumi

help:
	@echo "make demo        simulated traffic, live, on http://$(HOST):$(PORT) (PORT=…, HOST=…)"
	@echo "make demo-reset  forget the demo's data"
	@echo "make setup       $(VENV) with the command bedrock-analytics"
	@echo "make test        every test, with the coverage floor"
	@echo "make test-long   what takes minutes: every page by keyboard and in every state, long properties"
	@echo "make check       lint and test: the gate"
	@echo "make lint        format, lint, types, import rules; make format repairs what it can"
	@echo "make bench       the benchmarks, into docs/benchmarks.md"
	@echo "make mutants     does a test notice each change of a price rule (20 minutes)"
	@echo "make preflight   what the AWS account has, and the stack file that fits (PROFILE=, REGION=)"
	@echo "make preview     what a deployment would change: STACK=hub"
	@echo "make up          deploy one stack: STACK=hub (YES=1 asks nothing)"
	@echo "make deploy      deploy the hub, then its spokes (HUB=stack where there are several)"
	@echo "make destroy     take a stack down; data stays: STACK=hub"
	@echo "make lock        requirements/*.lock anew from pyproject.toml (needs uv)"

# The locks name every requirement, so nothing is left to resolve: a resolver could look past the lock for
# a requirement with an extra, and find a newer release.
setup: $(RUNTIME)
	@echo "Ready: $(BIN)/bedrock-analytics --help"

$(RUNTIME): requirements/runtime.lock requirements/build.lock pyproject.toml scripts/make-venv.sh
	@sh scripts/make-venv.sh $(VENV) $(PYTHON)
	@echo "Installing the locked requirements (a minute the first time)"
	@$(PIP) install --no-deps --require-hashes -r requirements/build.lock
	@$(PIP) install --no-deps --require-hashes -r requirements/runtime.lock
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(DEV): $(RUNTIME) requirements/dev.lock
	@echo "Installing the locked tools for tests and lint"
	@$(PIP) install --no-deps --require-hashes -r requirements/dev.lock
	@touch $@

# The virtual environment in which Pulumi runs the program: Pulumi.yaml names it.
setup-deploy: $(DEPLOY)

$(DEPLOY): $(RUNTIME) requirements/deploy.lock
	@echo "Installing the locked requirements of the Pulumi program"
	@$(PIP) install --no-deps --require-hashes -r requirements/deploy.lock
	@touch $@

preflight: $(RUNTIME)
	@$(BIN)/bedrock-analytics preflight $(if $(STACK),--stack "$(STACK)") \
		$(if $(PROFILE),--profile "$(PROFILE)") $(if $(REGION),--region "$(REGION)")

need-stack:
	@test -n "$(STACK)" || { echo "Say which stack: make preview STACK=hub" >&2; exit 2; }

# Said before anything is installed.
need-pulumi:
	@command -v pulumi >/dev/null || { echo "The Pulumi command line is not installed:" \
		"https://www.pulumi.com/docs/install/ (docs/deploy.md)" >&2; exit 2; }

preview: need-stack need-pulumi $(DEPLOY)
	@$(BIN)/bedrock-analytics preview "$(STACK)"

up: need-stack need-pulumi $(DEPLOY)
	@$(BIN)/bedrock-analytics up "$(STACK)" $(ANSWER)

deploy: need-pulumi $(DEPLOY)
	@$(BIN)/bedrock-analytics deploy $(HUB) $(ANSWER)

deploy-spokes: need-pulumi $(DEPLOY)
	@$(BIN)/bedrock-analytics deploy $(HUB) --spokes-only $(ANSWER)

destroy: need-stack need-pulumi $(DEPLOY)
	@$(BIN)/bedrock-analytics destroy "$(STACK)" $(ANSWER)

demo: $(RUNTIME)
	@$(BIN)/bedrock-analytics demo --host "$(HOST)" --port "$(PORT)"

demo-reset:
	rm -rf .data/demo

# The floor under the coverage stands in pyproject.toml.
test: $(DEV)
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal --cov --cov-report term:skip-covered

test-long: $(DEV)
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal -m long

lint: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: lint test

bench: $(DEV)
	$(BIN)/python -m bench

# Not part of the gate: it takes about twenty minutes.
mutants: $(DEV)
	$(BIN)/python -m bench.price_mutants

lock:
	@command -v uv >/dev/null || { echo "make lock needs uv on PATH" >&2; exit 1; }
	$(LOCK) --group dev --output-file requirements/dev.lock pyproject.toml
	$(LOCK) --constraint requirements/dev.lock --output-file requirements/runtime.lock pyproject.toml
	$(LOCK) --constraint requirements/dev.lock --group deploy --output-file requirements/deploy.lock pyproject.toml
	$(LOCK) --constraint requirements/dev.lock --output-file requirements/build.lock requirements/build.in
	$(LOCK_LAMBDA) --constraint requirements/dev.lock --output-file requirements/lambda.lock requirements/lambda.in

clean:
	rm -rf build dist htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
