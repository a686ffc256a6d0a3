# What a person types. `make` alone lists it.
PORT ?= 8000
PERSONS ?= 1000
BIN := .venv/bin
DONE := .cache
DEMO := LEGEDIALOG_MODE=demo PORT=$(PORT)
REGISTRIES := registry[.](npmjs|yarnpkg)|pypi[.]org|pythonhosted[.]org
MACHINES := (^|[^a-z.])/(home|Users|root|work)/[a-z]
export PATH := $(CURDIR)/$(DONE)/bin:$(PATH)
SHARED := -n auto --dist worksteal
AGAIN := --reruns 1 --max-suite-reruns 3 --rerun-show-tracebacks
UNTRACKED := .git .venv node_modules .var .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis build __pycache__

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run dev shell test check fix texts bench bench-peers bench-prescriptions bench-video chaos demo lock

help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name words; do \
	  printf '%-24s %s\n' "$$name" "$$words"; done

run: $(DONE)/static ## Everything on one machine, with synthetic people. PORT=8000, FRESH=1 starts over
	@.ci/need coturn || true
	@exec env $(DEMO) $(BIN)/legedialog serve $(if $(filter 1,$(FRESH)),--fresh)

dev: $(DONE)/static ## As run, and anew when a file of the code changes
	@exec env $(DEMO) $(BIN)/legedialog serve --reload

shell: $(DONE)/texts ## Python inside the fence of the demo. WHO="Kari Testdal", or WHY="…" for all rows; SQL=1 shows statements
	@exec env $(DEMO) $(BIN)/legedialog shell $(if $(WHO),--as "$(WHO)") $(if $(WHY),--system "$(WHY)") $(if $(SQL),--sql)

test: $(DONE)/dev $(DONE)/node $(DONE)/built $(DONE)/texts ## Tests. T=path runs some of them
	@.ci/need chromium
	@.ci/need coturn || true
	@# Browser journeys in a run of their own: their event loop stays in the main thread. Each process begins with a
	@# share that lies together, so that what a file sets up is set up once; who is done takes of the others' rest.
	@# What failed is walked once more, and named with what it met: docs/adr/0170-a-second-walk.md.
	@$(if $(T),$(BIN)/pytest $(T),($(BIN)/pytest $(SHARED) --ignore=tests/system || .ci/again) && $(BIN)/pytest -n auto $(AGAIN) tests/system)

check: $(DONE)/dev $(DONE)/node ## What every change must pass: style, types, contracts, texts, generated pages
	@.ci/check

fix: $(DONE)/dev ## Mend what can be mended: style and generated pages
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/legedialog docs

texts: $(DONE)/dev ## Write new texts of the code into the translation files
	$(BIN)/legedialog texts update

bench: $(DONE)/dev $(DONE)/static ## Measure; writes bench/results.md
	@$(BIN)/python -m bench

bench-peers: $(DONE)/dev $(DONE)/static ## Measure beside open peers, installed in .cache/peers; adds to bench/results.md
	@$(BIN)/python -m bench.peers

bench-prescriptions: $(DONE)/dev $(DONE)/static ## Measure with 1,000,000 prescriptions; adds to bench/results.md
	@$(BIN)/python -m bench.prescriptions

bench-video: $(DONE)/dev $(DONE)/static ## Measure 200 video visits at once; adds to bench/results.md
	@$(BIN)/python -m bench.video

chaos: $(DONE)/dev $(DONE)/static ## Kill, stall and fill everything under load, and compare; writes docs/reliability.md
	@$(BIN)/python -m bench.chaos

demo: $(DONE)/static ## Add PERSONS=1000 synthetic people to the demo
	@exec env $(DEMO) $(BIN)/legedialog demo --persons $(PERSONS) $(if $(filter 1,$(FRESH)),--fresh)

lock: $(DONE)/dev ## Pin the newest dependencies that requirements/*.in allow
	for name in run dev node; do $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-header --python-version 3.11 \
	  requirements/$$name.in -o requirements/$$name.txt; done
	for name in gnuhealth django_appointment; do $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-header \
	  --no-emit-package psycopg2 --python-version 3.11 bench/peers/$$name.in -o bench/peers/$$name.txt; done
	npm update --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

# Each step leaves a file in .cache and runs again only when what it was made from is newer.
$(DONE)/python: requirements/run.txt pyproject.toml
	@.ci/need python
	@mkdir -p $(DONE)
	@echo 'Installing Python packages …'
	@python3 -m venv .venv
	@$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(DONE)/dev: $(DONE)/python requirements/dev.txt
	@echo 'Installing what checks the product …'
	@$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements/run.txt -r requirements/dev.txt
	@touch $@

$(DONE)/node: package.json package-lock.json requirements/node.txt | $(DONE)/python
	@.ci/node
	@echo 'Installing front-end packages …'
	@npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
	@touch $@

$(DONE)/fonts: $(DONE)/node $(DONE)/python legedialog/ui/fonts.py
	@$(BIN)/python -m legedialog.ui.fonts
	@touch $@

$(DONE)/built: $(DONE)/node $(DONE)/fonts legedialog/ui/build.mjs $(wildcard legedialog/*/assets/* legedialog/*/*/assets/*)
	@npm run --silent build >/dev/null
	@touch $@

$(DONE)/texts: $(DONE)/python $(wildcard legedialog/locale/*/LC_MESSAGES/django.po legedialog/*/locale/*/LC_MESSAGES/django.po)
	@$(BIN)/legedialog texts compile
	@touch $@

$(DONE)/static: $(DONE)/built $(DONE)/texts $(shell find legedialog/*/static -type f -not -path '*/build/*' 2>/dev/null)
	@$(DEMO) $(BIN)/legedialog static
	@touch $@
