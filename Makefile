# Everything from a fresh Debian 12 with Python 3.11, git and make: `make run`, `make test`. Each step is skipped when done.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test soak bench agreement verify-corpus crs screens docs build check machine machine-test clean

# Debian's own Python was built with care: others, such as pyenv's, take a quarter longer for the same.
PYTHON ?= $(firstword $(wildcard /usr/bin/python3.11) python3.11)
export PYTHON
UV := .tools/bin/uv
BIN := .venv/bin
STATE ?= $(or $(HIENLUONG_STATE),state)
BENCHES := $(basename $(notdir $(shell grep -l __main__ benchmarks/*.py)))
DIST := src/hienluong/ui/static/ui/dist/hienluong.css
export UV_LINK_MODE ?= copy
export UV_PYTHON_DOWNLOADS ?= never
say = @printf '\033[1;36m%s\033[0m %s\n' '▸' '$(1)'

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: build ## Install what is missing, build, start with the demo province
	@exec $(BIN)/hienluong up --demo --state "$(STATE)"

test: build machine-test ## Checks and all tests but the long runs, on both databases
	@scripts/test

soak: build machine-test ## The long fault runs
	@$(BIN)/pytest -m soak
	@TEST_THOROUGH=1 $(BIN)/pytest -n "$${TEST_PROCESSES:-3}" -m "thorough or long"

bench: build ## Measure: make bench NAME=footprint
	@test -n "$(filter $(BENCHES),$(NAME))" || { echo "Which one? make bench NAME=…: $(BENCHES)"; exit 2; }
	@test "$(NAME)" != sso || $(UV) sync --frozen --inexact --quiet --group sso-bench
	@$(BIN)/python -W ignore -m benchmarks.$(NAME)

agreement: build ## Print how far the judge in the browser agrees with the server
	@scripts/agreement

verify-corpus: build ## Judge a folder of signed files beside pdfsig, xmlsec1 and openssl: make verify-corpus DIR=…
	@test -d "$(DIR)" || { echo "Which folder of signed files? make verify-corpus DIR=…"; exit 2; }
	@$(BIN)/python -W ignore scripts/verify_corpus.py "$(DIR)"

crs: build machine-test ## Send the Core Rule Set's regression requests to a demo: make crs DIR=…/tests/regression/tests [THROUGH=gateway] [WAF=1]
	@test -d "$(DIR)" || { echo "Which folder of regression tests (coreruleset/coreruleset)? make crs DIR=…"; exit 2; }
	@PYTHONPATH=. WAF="$(WAF)" THROUGH="$(THROUGH)" $(BIN)/python -W ignore scripts/crs_requests.py "$(DIR)"

screens: build machine-test ## Take the pictures of docs/screens again
	@scripts/screens $(ONLY)

docs: .venv/.ready ## Build the documentation into docs/_build
	@$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

check: .venv/.ready ## Lint and types only
	@scripts/check

build: machine .venv/.ready $(DIST) src/hienluong/locale/.ready ## Install packages and build styles and scripts

machine:
	@scripts/machine run

machine-test: $(UV)
	@scripts/machine test
	@scripts/test-suite
	@scripts/relying-parties
	@scripts/identity-providers

$(UV):
	$(call say,Cài uv …)
	@$(PYTHON) -m venv .tools
	@.tools/bin/pip install -q --disable-pip-version-check "uv>=0.9"

.venv/.ready: $(UV) uv.lock pyproject.toml
	$(call say,Cài các gói Python …)
	@scripts/packages $(UV) sync --frozen --compile-bytecode --python $(PYTHON)
	@touch $@

FRONTEND := $(shell find frontend -type f -not -path '*/node_modules/*' 2>/dev/null)
$(DIST): $(FRONTEND) .venv/.ready
	$(call say,Dựng giao diện …)
	@scripts/frontend
	@touch $@

src/hienluong/locale/.ready: $(wildcard src/hienluong/locale/*/LC_MESSAGES/*.po) .venv/.ready
	@for po in $(wildcard src/hienluong/locale/*/LC_MESSAGES/*.po); do $(BIN)/pybabel -q compile -f -i $$po -o $${po%.po}.mo; done
	@touch $@

clean: ## Remove what was built; the state folder stays
	rm -rf .venv .tools frontend/node_modules tests/{relying_parties,identity_providers}/node_modules src/hienluong/ui/static/ui/dist docs/_build
