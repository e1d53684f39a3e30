# make run: the chat on http://127.0.0.1:7860.   make test: every test.   Needs Python 3.11, pip, make.
# On Linux, point pip at the CPU index of PyTorch (PIP_EXTRA_INDEX_URL) to spare 2 GB of CUDA libraries.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PYTHON ?= python3
BIN := .venv/bin
BROWSER := tests/browser
WORKERS ?= 2
PIP := $(BIN)/python -m pip install --disable-pip-version-check
# One line a package; what is already there is not worth a line.
QUIETER := awk '!/^Requirement already|^ .*(Using cached|metadata)/ { print; fflush() }'

.PHONY: run index test check bench lock docs
run: .venv/installed index
	$(BIN)/python -m assistant

index: .venv/installed
	$(BIN)/python -m index build knowledge | awk '!/^unchanged/ { print; fflush() }'

# Two files at a time, each whole on one worker: its fixtures are made once. In their order, which has the long ones first.
test: .venv/installed-dev index
	-if [ -f $(BROWSER)/package.json ] && [ ! -d $(BROWSER)/node_modules ]; then npm ci --prefix $(BROWSER) --no-audit --no-fund; fi
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The pictures of the documentation; both are committed.
docs: .venv/installed-dev index
	$(BIN)/python docs/draw.py
	$(BIN)/python -m pytest tests/browser/test_picture.py --update-docs

bench: .venv/installed index
	for bench in tests/benchmarks/*.py; do echo "== $$bench"; $(BIN)/python "$$bench"; done

# The stamps: dependencies are installed again only when their list changes.
.venv/installed: requirements.txt requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) "$$(sed -n 's/^\(torch==[^ ]*\).*/\1/p' requirements.txt)" | $(QUIETER)
	$(PIP) -r requirements.txt -c requirements.lock | $(QUIETER)
	touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt requirements.lock
	$(PIP) -r requirements-dev.txt -c requirements.lock | $(QUIETER)
	touch $@

# Every package that the pinned ones bring, as they are here: what the next machine installs.
lock: .venv/installed-dev
	{ echo "# What is installed with requirements.txt and requirements-dev.txt, to the last package: \`make lock\` writes it."; \
	  $(BIN)/python -m pip freeze --all --exclude pip --exclude wheel --exclude-editable | sed 's/+cpu$$//' | LC_ALL=C sort -f; } > requirements.lock
