# Two commands for a start: `make demo` and `make test`.
SHELL := bash
PYTHON ?= python3
# With a GPU: make demo TORCH=torch
TORCH ?= torch==2.13.0
BIN := .venv/bin
INBOX ?= inbox
PORT ?= 3000

export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The demo has a house of its own, beside yours.
ifneq (,$(filter demo demo-ui,$(MAKECMDGOALS)))
export UNCASE_HOME := $(CURDIR)/.uncase/demo
export UNCASE_INBOX := $(CURDIR)/examples/inbox
export UNCASE_FEEDBACK := $(CURDIR)/examples/feedback
export UNCASE_TRAINING_CONFIG := $(CURDIR)/examples/training-small.toml
endif
export UNCASE_HOME ?= $(CURDIR)/.uncase
export UNCASE_LAKE ?= $(UNCASE_HOME)/lake
export DAGSTER_HOME ?= $(UNCASE_HOME)/dagster
DAGSTER_YAML := $(DAGSTER_HOME)/dagster.yaml
export OMP_WAIT_POLICY := passive

.PHONY: help demo run test test-all ui demo-ui bench bench-raw bench-seeds bench-gateway bench-simulator bench-metrics \
  bench-train bench-privacy bench-speed bench-export model base clean

help: ## What there is
	@grep -hE '^[a-z -]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q $(TORCH)
	$(BIN)/pip install -q -c constraints.txt -e '.[ui,train]'
	touch $@

.venv/.installed-test: .venv/.installed
	$(BIN)/pip install -q -c constraints.txt -e '.[ui,train,postgres,test]'
	touch $@

$(DAGSTER_YAML): dagster.yaml
	mkdir -p $(DAGSTER_HOME)
	cp dagster.yaml $@

demo: .venv/.installed $(DAGSTER_YAML) ## The sample conversations of two domains, raw to adapter
	@$(BIN)/uncase run automotive.sales medical.consultation

run: .venv/.installed $(DAGSTER_YAML) ## Your own data: make run INBOX=dir DOMAIN=finance.advisory
	@$(BIN)/uncase run "$(DOMAIN)" --inbox "$(INBOX)"

test: .venv/.installed-test ## Lint, types and tests
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	$(BIN)/pytest

test-all: .venv/.installed-test ## The slow suites too: kill tests, fuzzing, training
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	$(BIN)/pytest -m 'slow or not slow'

ui demo-ui: .venv/.installed $(DAGSTER_YAML) ## The Dagster UI with its daemon, on loopback; demo-ui: over the demo
	$(BIN)/dagster dev -w workspace.yaml -h 127.0.0.1 -p $(PORT)

bench: .venv/.installed-test ## Wall and CPU time of each asset for 100 and 1,000 conversations
	$(BIN)/python -m benchmarks.pipeline

bench-raw bench-seeds bench-gateway bench-simulator bench-metrics bench-train bench-privacy: .venv/.installed-test ## One layer's figures
	$(BIN)/python -m benchmarks.$(@:bench-%=%)

bench-speed: .venv/.installed-test ## Anonymizer beside Presidio, certification beside its peers
	$(BIN)/python -m benchmarks.anonymize_speed
	$(BIN)/python -m benchmarks.certify_speed

bench-export: .venv/.installed-test ## Truth table of the formats, speed, memory
	$(BIN)/python -m benchmarks.export --memory

model: .venv/.installed-test ## Rebuild the name model, byte for byte (needs UNCASE_SHARED)
	$(BIN)/python -m uncase_pipeline.anonymized.training.train

base: .venv/.installed-test ## Rebuild the embedded base model
	$(BIN)/python -m uncase_pipeline.adapter.tiny_llama.build

clean: ## Remove what the demo made, and nothing of yours
	rm -rf .uncase/demo
