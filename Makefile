# Two commands set up everything: `make demo` and `make test`. The environment is made once and remade when
# pyproject.toml or constraints.txt change.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
# More threads are slower at these sizes, by up to sixteen times on small machines.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1

.PHONY: demo test lint bench clean

demo: $(VENV)/.ready
	$(BIN)/eit-rt demo $(ARGS)

test: $(VENV)/.ready
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python firmware_protocol/generate.py --check

bench: $(VENV)/.ready
	for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

$(VENV)/.ready: pyproject.toml constraints.txt .ci/system-libraries
	sh .ci/system-libraries
	$(PYTHON) -m venv $(VENV) || { echo "no venv: on Debian run  apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
