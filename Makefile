# make run   the panel      make demo   the panel with a provider to try it on
# The rest is for whoever changes it: make test, chaos, lint, format, lock, screenshot, bench.

VENV := .venv
BIN := $(VENV)/bin
LOCKS := requirements.lock tests/requirements.lock
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 \
	--no-header --no-annotate --no-emit-index-url

BENCH := accepting draining latency neighbours

.PHONY: run demo test chaos lint format lock screenshot bench
.SILENT:

run:
	.ci/venv $(VENV) . requirements.lock
	exec $(BIN)/webpanel run

demo:
	.ci/venv $(VENV) . requirements.lock
	exec $(BIN)/webpanel demo

test:
	.ci/venv $(VENV) . $(LOCKS)
	tests/tools.sh
	exec $(BIN)/pytest -n auto --dist worksteal $(ARGS)

chaos:
	.ci/venv $(VENV) . $(LOCKS)
	CHAOS=full exec $(BIN)/pytest -q -n 2 --dist worksteal tests/chaos $(ARGS)

lint:
	.ci/venv $(VENV) . $(LOCKS)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format:
	.ci/venv $(VENV) . $(LOCKS)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock:
	.ci/venv $(VENV) . $(LOCKS)
	$(COMPILE) pyproject.toml --group build --output-file requirements.lock
	$(COMPILE) --group dev --constraints requirements.lock --output-file tests/requirements.lock

screenshot:
	.ci/venv $(VENV) . $(LOCKS)
	tests/tools.sh
	$(BIN)/python -m tests.browser.screenshot docs/tester.png
	$(BIN)/python -m tests.browser.screenshot_paste docs

bench:
	.ci/venv $(VENV) . $(LOCKS)
	for each in $(BENCH); do $(BIN)/python -m tests.bench.$$each $(ARGS) || exit; done
