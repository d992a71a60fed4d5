# Everything goes through these targets; `make setup` needs only python3.11 (or newer) with venv, and make.
PYTHON ?= $(shell command -v python3.13 || command -v python3.12 || command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup demo test lint check bench docs clean

setup: $(READY)

$(READY): pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "civicseal needs Python 3.11 or newer; set PYTHON=")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable '.[dev]'
	touch $@

demo: $(READY)
	$(BIN)/civicseal demo

test: $(READY)
	$(BIN)/python -m pytest -q

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate -q scanner checks reports demo

check: lint test

bench: $(READY)
	$(BIN)/python -m benchmarks.scan

docs: $(READY)
	$(BIN)/python -m scanner.app.write_documents

clean:
	rm -rf $(VENV) .civicseal civicseal-report civicseal-demo dist build
