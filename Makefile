# `make check` is all that has to hold. Use it inside the environment that the tests run in:
# `make check PYTHON=.venv/bin/python`.
PYTHON ?= python
# Two at a time: many tests wait for processes and terminals more than for a core.
TWO = -n 2 --dist worksteal

.PHONY: check lint types contracts test quick format

check: lint types contracts test

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types:
	$(PYTHON) -m mypy

contracts:
	$(PYTHON) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

test:
	$(PYTHON) -m pytest $(TWO)

quick:
	$(PYTHON) -m pytest $(TWO) -m "not slow"

format:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .
