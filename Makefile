# Everything a newcomer needs. Each target prepares what it uses; nothing else has to be set up.
PYTHON ?= python3
BIN := .venv/bin
export SJ_VAR ?= $(CURDIR)/var

.PHONY: demo test check fix bench lock messages system clean

demo: .venv/ready
	@sh tools/system.sh
	@exec $(BIN)/python -m demo

# On both cores what needs only the database, and what drives a browser (a demo for each core); then, alone, what kills parts.
test: .venv/ready system
	$(BIN)/python -m pytest -q -n 2 -m "not stack" $(TESTS)
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m browser $(or $(TESTS),sundhedsjournal/tests/browser)
	$(BIN)/python -m pytest -q -m "stack and not browser" $(TESTS)

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --quiet --check --lint templates demo/epj
	$(BIN)/lint-imports
	$(BIN)/python -m tools.messages --check
	$(BIN)/python -W ignore manage.py makemigrations --check --dry-run --skip-checks
	$(BIN)/mypy .

fix: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	-$(BIN)/djlint --quiet --reformat templates demo/epj
	$(BIN)/python -m tools.messages

bench: .venv/ready system
	$(BIN)/python -m bench $(BENCH)

# The lock: requirements.txt runs the product, requirements-dev.txt the workshop too. Pinned and hashed.
lock: .venv/ready
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group dev pyproject.toml -o requirements-dev.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -c requirements-dev.txt pyproject.toml -o requirements.txt

.venv/ready: requirements-dev.txt
	@echo "Preparing .venv (a few minutes the first time) …" >&2
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed." if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@echo "$(CURDIR)" > $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/sundhedsjournal.pth
	@touch $@

# What PDF making and browser tests need from the system: installed when root, named in one sentence otherwise.
system: .venv/ready
	@sh tools/system.sh tests

clean:
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
