# Needs Python 3.11 or newer and make; everything else goes into .venv.
#
#   make        set up, then derive, prove and train the example networks
#   make test   set up, then pass every test
#   make bench  print the table of benchmarks
#   make figures  print every word's error beside complex step and JAX (needs JAX)
#   make katex  fetch node's katex for the tests that typeset every formula (needs npm)
#   make clean  remove everything that was made

VENV := .venv
BIN := $(VENV)/bin
KATEX := 0.19.1

# The first Python that is new enough; `make PYTHON=/path/to/python3` chooses another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)

PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: all install test lint bench figures katex clean
.DEFAULT_GOAL := all

all: install
	$(BIN)/derive generate
	$(BIN)/derive prove two-layer-tanh
	$(BIN)/derive prove relu-sigmoid-bce
	$(BIN)/derive train two-layer-tanh --data x^2 --range 0,2
	$(BIN)/derive show two-layer-tanh --of W2

install: $(VENV)/installed

test: $(VENV)/installed-dev $(if $(CI),katex) lint
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal --quiet

lint: $(VENV)/installed-dev
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy

bench: $(VENV)/installed-dev
	$(BIN)/python -m tests.benchmarks

figures: $(VENV)/installed-jax
	$(BIN)/python -m tests.benchmarks.words

# The package is installed editable, so only its metadata makes these two stale.
$(VENV)/installed: $(VENV)/made pyproject.toml constraints.txt
	$(PIP) hatchling
	$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/made pyproject.toml constraints.txt
	$(PIP) hatchling
	$(PIP) --no-build-isolation --editable '.[dev]'
	@touch $@ $(VENV)/installed

$(VENV)/installed-jax: $(VENV)/installed-dev
	$(PIP) --no-build-isolation --editable '.[dev,jax]'
	@touch $@

$(VENV)/made:
	@if [ -z "$(PYTHON)" ]; then \
		echo "derive needs Python 3.11 or newer and found none." >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "derive needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
		exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
		echo "$(PYTHON) cannot make a virtual environment; install its venv module" >&2; \
		echo "(Debian, Ubuntu: apt install python3-venv)." >&2; exit 1; }
	@touch $@

# Only a help: without npm or a network the tests that need katex are skipped.
katex:
	@if [ -d node_modules/katex ]; then :; \
	elif command -v npm >/dev/null; then \
		npm install --no-save --no-package-lock --silent --prefix . katex@$(KATEX) \
		|| echo "katex could not be fetched: the tests that need it are skipped"; \
	else echo "npm is not installed: the tests that need katex are skipped"; fi

clean:
	rm -rf $(VENV) node_modules build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
