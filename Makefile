# `make check` is all that has to hold. Use it inside the environment that the tests run in:
# `make check PYTHON=.venv/bin/python`.
PYTHON ?= python
# Two at a time: many tests wait for processes and terminals more than for a core.
TWO = -n 2 --dist worksteal

.PHONY: check lint types contracts test quick plain lowest format

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

# UI tests on stock Textual, without what bear_tui/tui/toolkit replaces. A part of them: all would
# double the time that the UI tests take.
PLAIN = app idle_work keybar keys notices sheets
plain:
	BEAR_TUI_PLAIN=1 $(PYTHON) -m pytest $(TWO) -m "not slow" $(PLAIN:%=tests/tui/test_%.py)


# The quick tests with the lowest version of each dependency that pyproject.toml allows, in an
# environment of their own. It takes 6 GB while it is there.
lowest:
	rm -rf .venv-lowest
	python3 -m venv .venv-lowest
	$(PYTHON) -m tests.lowest > .venv-lowest/lowest.txt
	.venv-lowest/bin/pip install -c .venv-lowest/lowest.txt -e '.[test]'
	.venv-lowest/bin/python -m pytest $(TWO) -m "not slow"
	rm -rf .venv-lowest

format:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .
