# make run    start the service            make check  what to run before a commit, under a minute
# make test   every check and every test   make lock   resolve the dependencies anew
VENV   := .venv
PYTHON ?=
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
INSTALL := $(PIP) install --no-deps --require-hashes -r
NPM     = PATH="$(shell scripts/node.sh $(VENV)):$$PATH" npm --prefix web
WEB    := $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' -not -path 'web/tests/*' 2>/dev/null)

.PHONY: run setup check lint test lock bench image
.DELETE_ON_ERROR:

run: $(VENV)/run.stamp web/dist/built.stamp
	@exec $(BIN)/python -m signaling

setup: $(VENV)/dev.stamp web/dist/built.stamp

check: setup lint
	$(BIN)/pytest -q tests/unit

lint: setup
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(NPM) run check

test: debian lint
	$(NPM) test
	$(BIN)/pytest -q

debian:
	@scripts/debian.sh
.PHONY: debian

bench: setup
	$(BIN)/python -m benchmarks.latency

lock: $(VENV)/dev.stamp
	scripts/lock.sh $(BIN)/uv $(UPGRADE)

image:
	scripts/image.sh

$(BIN)/python:
	@python=$$(PYTHON="$(PYTHON)" scripts/python.sh) && $$python -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/run.stamp: requirements/run.lock | $(BIN)/python
	$(INSTALL) $<
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock $(VENV)/run.stamp
	$(INSTALL) $<
	@touch $@

web/node_modules/installed.stamp: web/package.json web/package-lock.json | $(VENV)/run.stamp
	$(NPM) ci --no-audit --no-fund
	@touch $@

web/dist/built.stamp: web/node_modules/installed.stamp $(WEB)
	$(NPM) run build
	@touch $@
