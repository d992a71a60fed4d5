# Everything goes through these targets; `make setup` needs only python3.11 (or newer) with venv, and make.
# The first Python here that is new enough and can make environments; override it with PYTHON=.
SUITS := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14; do \
	"$$p" -c '$(SUITS)' >/dev/null 2>&1 && echo "$$p" && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup demo test lint check bench docs fuzz clean

setup: $(READY)

$(READY): pyproject.toml requirements.lock
	@test -n "$(PYTHON)" || { echo "civicseal needs Python 3.11 or newer with venv (on Debian: apt install python3-venv); or set PYTHON="; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV): about a minute, and half a gigabyte"
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable '.[dev]'
	@touch $@

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
	@echo "More, each some minutes: $(BIN)/python -m benchmarks.tls (100 TLS listeners, beside sslyze, nmap and sslscan),"
	@echo "the same with --sites 2000 or --tarpits (civicseal alone), and $(BIN)/python -m benchmarks.reports"

docs: $(READY)
	$(BIN)/python -m scanner.app.write_documents

# Feeds the TLS parser with what no server would say; ends by itself after FUZZ_SECONDS, and says whether it crashed.
FUZZ_SECONDS ?= 300
fuzz: $(READY)
	$(BIN)/python -c 'import atheris' 2>/dev/null || $(BIN)/python -m pip install --quiet --constraint requirements.lock --editable '.[fuzz]'
	$(BIN)/python tests/fuzz/run.py -max_total_time=$(FUZZ_SECONDS) -max_len=16384 -timeout=10 -rss_limit_mb=1024

clean:
	rm -rf $(VENV) .civicseal civicseal-report civicseal-demo dist build
