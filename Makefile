# Everything runs from .venv, made from the hash-pinned locks in requirements/.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types imports soak docs bench bench-large bench-catalogue bench-sftp bench-workers bench-pages lock messages screenshots vendor clean

help:
	@echo "make demo    run the main job on embedded parts and show what a receiver gets"
	@echo "make test    run the tests        make check   lint, types and import contracts"
	@echo "make soak    long forms of tests  make lock    renew the hash-pinned locks"
	@echo "make docs    write docs/permissions.md, docs/fields.md and docs/verzuim.md anew"
	@echo "make messages     take up new texts of the web application, to be translated"
	@echo "make screenshots  take the pictures of the README anew"
	@echo "make vendor  take its CSS, JavaScript, fonts and icons from their npm packages anew"
	@echo "make bench   all of these, one after the other:"
	@echo "make bench-large   one table of 5 million rows, against psql, dlt and Sling"
	@echo "make bench-catalogue   the built-in catalogue with 200,000 employees, and what takes the time"
	@echo "make bench-sftp   throughput against OpenSSH"
	@echo "make bench-pages   every page of the web application in a full database"
	@echo "make bench-workers   small deliveries, a second worker, many environments"

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.run: requirements/run.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/run.txt
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.run
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

# The texts too: they are compiled when the package is put together.
.venv/.sluis: pyproject.toml tools/messages.py $(wildcard src/sluis/web/locale/*/LC_MESSAGES/*.po) .venv/.run
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: .venv/.sluis
	$(BIN)/sluis demo --once

test: .venv/.dev .venv/.sluis
	tools/debian-packages
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not soak"

soak: .venv/.dev .venv/.sluis
	tools/debian-packages
	$(BIN)/python -m pytest -n 2 -m soak

bench: bench-large bench-catalogue bench-workers bench-pages bench-sftp

# The peers are installed beside the environment, at pinned versions, the first time.
bench-large: .venv/.dev .venv/.sluis
	$(BIN)/python bench/large.py --peers .venv/peers

bench-catalogue: .venv/.run .venv/.sluis
	$(BIN)/python bench/catalogue.py

# Up and down against OpenSSH in the same run; the part with delay needs root, for a network namespace.
bench-sftp: .venv/.dev .venv/.sluis
	$(BIN)/python bench/sftp.py

bench-workers: .venv/.run .venv/.sluis
	$(BIN)/python bench/workers.py

bench-pages: .venv/.dev .venv/.sluis
	$(BIN)/python bench/pages.py

check: lint types imports

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.dev .venv/.sluis
	$(BIN)/mypy

imports: .venv/.dev .venv/.sluis
	$(BIN)/lint-imports

docs: .venv/.dev .venv/.sluis
	PYTHONPATH=tests DJANGO_SETTINGS_MODULE=sluis.control.django_settings $(BIN)/python -c 'import django; django.setup(); from docs import permissions_page; permissions_page.write()'
	$(BIN)/python tools/messages.py
	PYTHONPATH=tests DJANGO_SETTINGS_MODULE=sluis.web.django_settings $(BIN)/python -c 'import django; django.setup(); from docs import fields_page; fields_page.write()'
	PYTHONPATH=tests $(BIN)/python -m docs.verzuim_page

messages: .venv/.dev .venv/.sluis
	$(BIN)/python tools/messages.py

# The pictures of the README, of a demo with 300 employees.
screenshots: .venv/.dev .venv/.sluis
	tools/debian-packages
	$(BIN)/python tools/screenshots.py

# Needs npm on the path. Versions and hashes stand in the tool; what it takes is committed.
vendor: .venv/.run
	$(BIN)/python tools/vendor.py

# Needs uv on the path. `--universal`: one lock for every platform and Python that Sluis supports. The lock to run with
# follows that of the tests, so that what is tested is what is installed.
lock:
	uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml --group build --group dev -o requirements/dev.txt
	uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml --group build --constraint requirements/dev.txt -o requirements/run.txt

clean:
	rm -rf .venv .sluis .sluis-demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
