# make run     start the service on http://localhost:8080
# make install what run needs, and no start: for a server whose systemd starts it
# make check   lint, types, import contract and unit tests: before every commit, about a minute
# make test    every check and every test; GROUP=php runs one group of them (CONTRIBUTING.md)
# make bare    the old engine in an environment of its own, for the tests and benchmarks against it
# make lock    resolve the dependencies anew (UPGRADE=--upgrade: to the newest that fit)
# make bench   latency, capacity, recovery, dashboard, cluster      make image   the container image
# make chaos   sessions while PHP, databases, disk, services and workers break: as root, ten minutes
# make cluster machines of a Ray cluster that are lost, and placement on 250 of them
# make network a student behind every kind of network: a laboratory of namespaces, as root
# make fuzz    hostile input: 100,000 inputs for each reader of it, 5,000 requests to the running service
# make soak    half an hour of sessions coming and going: what the service never lets go
#
# PYTHON=… names the Python for the virtual environment where the right one is not on the path.

VENV := .venv
BARE := .venv-bare
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input \
	--no-deps --require-hashes -r
NPM = PATH="$$(scripts/node.sh $(VENV)):$$PATH" npm --prefix web
LINTS := lint-format lint-style lint-types lint-contracts lint-web
WEB := $(shell find web -type d \( -name node_modules -o -path web/dist -o -path web/tests \) -prune \
	-o -type f -print)

.DELETE_ON_ERROR:
.PHONY: run install setup check lint test debian bench chaos fuzz soak network cluster lock image bare $(LINTS)

run: $(VENV)/run.stamp web/dist/built.stamp
	@exec $(BIN)/python -m signaling

install: $(VENV)/run.stamp web/dist/built.stamp

setup: $(VENV)/dev.stamp web/dist/built.stamp

check: lint
	$(BIN)/pytest --quiet --numprocesses=logical tests/unit

# Each by itself, as many at a time as there are cores; the output of one stays together.

lint: setup
	@$(MAKE) --no-print-directory --output-sync --jobs=$$(nproc) $(LINTS)

lint-format:
	$(BIN)/ruff format --check --quiet .
lint-style:
	$(BIN)/ruff check --quiet .
lint-types:
	$(BIN)/mypy
lint-contracts:
	$(BIN)/lint-imports --no-logo
lint-web:
	$(NPM) run --silent check

test: debian setup bare
	@$(BIN)/python scripts/run_tests.py $(GROUP)

debian:
	@scripts/debian.sh

bench: debian setup bare
	@status=0; for each in latency capacity recovery dashboard cluster; do \
		$(BIN)/python -m benchmarks.$$each || status=1; done; exit $$status

cluster: debian setup
	$(BIN)/python -m benchmarks.cluster

chaos: debian setup
	$(BIN)/python -m benchmarks.chaos

network: debian setup
	$(BIN)/python -m benchmarks.network

fuzz: setup
	$(BIN)/python -m benchmarks.fuzz

soak: setup
	$(BIN)/python -m benchmarks.soak

# The old engine, to hold ours against: where there is no Python for it, what needs it is skipped.
bare:
	@if python=$$(scripts/python.sh 12 2>/dev/null); then \
		$(MAKE) --no-print-directory $(BARE)/bare.stamp BARE_WITH="$$python"; \
	else echo "No Python 3.11 or 3.12: nothing is held against the old engine"; fi

lock: $(VENV)/dev.stamp
	scripts/lock.sh $(BIN)/uv $(UPGRADE)

image:
	scripts/image.sh

$(BIN)/python:
	@python=$$(PYTHON="$(PYTHON)" scripts/python.sh) && echo "Making $(VENV) with $$python" && \
		{ "$$python" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }; }

$(BARE)/bare.stamp: requirements/bare.lock
	@echo "Installing the old engine"
	@test -x $(BARE)/bin/python || "$(BARE_WITH)" -m venv $(BARE)
	@$(BARE)/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
		--no-deps --require-hashes -r $<
	@touch $@

$(VENV)/run.stamp: requirements/run.lock | $(BIN)/python
	@echo "Installing what the service needs"
	@$(INSTALL) $<
	@ln -sf ../../scripts/rtc-server $(BIN)/rtc-server
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock $(VENV)/run.stamp
	@echo "Installing what the tests need"
	@$(INSTALL) $<
	@touch $@

web/node_modules/installed.stamp: web/package.json web/package-lock.json | $(VENV)/run.stamp
	@echo "Installing what the web client is built with"
	@$(NPM) ci --silent
	@touch $@

web/dist/built.stamp: web/node_modules/installed.stamp $(WEB)
	@echo "Building the web client"
	@$(NPM) run --silent build
	@touch $@
