# `make demo` and `make test` need Python 3.11 or newer, make and git; no root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MADE := $(VENV)/.made
RUNS := $(VENV)/.runs
STAMP := $(VENV)/.ready
VLLM := .venv-vllm
VLLM_STAMP := $(VLLM)/.ready

.PHONY: demo test test-vllm check format bench bench-engine fuzz picture lock clean
.DEFAULT_GOAL := help

help: ## Show the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(MADE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "fastapply-lsp needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "Python cannot make environments here; on Debian: apt install python3-venv"; exit 1; }
	@touch $(MADE)

# What the product needs to run, and no more: the demo comes in seconds.
$(RUNS): requirements/run.txt | $(MADE)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile \
		--requirement requirements/run.txt
	@touch $(RUNS)

$(STAMP): requirements/dev.txt requirements/engine.txt pyproject.toml | $(MADE)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--requirement requirements/dev.txt --requirement requirements/engine.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(RUNS) $(STAMP)

demo: $(RUNS) ## Run the main job over the files in examples/ and show the stream
	@PYTHONPATH=. $(BIN)/python examples/demo.py

test: $(STAMP) ## Run every test, the real-editor ones included
	$(BIN)/python -m pytest

# vLLM pins other versions of what .venv holds. torch comes first and with what it needs: a CPU build
# where pip knows one (which needs little), and elsewhere the registry's own. All else is in the list.
$(VLLM_STAMP): requirements/vllm.txt requirements/vllm-name/pyproject.toml pyproject.toml
	@test -x $(VLLM)/bin/python || $(PYTHON) -m venv $(VLLM)
	$(VLLM)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile \
		--constraint requirements/vllm.txt torch
	$(VLLM)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps \
		--requirement requirements/vllm.txt
	$(VLLM)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation ./requirements/vllm-name --editable .
	@touch $(VLLM_STAMP)

# vLLM starts three processes, and reads 2,500 modules in each: they are compiled at the first start.
test-vllm: $(VLLM_STAMP) ## Run the tests of the vLLM plug-in, on vLLM's build for CPUs (2 GB)
	PYTHONDONTWRITEBYTECODE= $(VLLM)/bin/python -m pytest tests/vllm

check: $(STAMP) ## Format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP) ## Print the benchmark tables
	@$(BIN)/python -m benchmarks

# vLLM's method `suffix` needs a package that is compiled here, once: minutes. Where that fails, the
# tables say so.
ARCTIC := .cache/arctic-inference

bench-engine: $(STAMP) $(VLLM_STAMP) ## Print what drafts save in transformers and in vLLM
	@test -d $(ARCTIC) || $(VLLM)/bin/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --target $(ARCTIC) arctic-inference==0.3.0 || true
	@$(BIN)/python -m benchmarks.engine

# Not part of `make test`: it needs Linux, and takes FUZZ_SECONDS for each target. The ordinary tests
# run what it found: tests/fuzz/corpus, one folder for each target.
FUZZ := .cache/fuzz
FUZZ_SECONDS ?= 180
FUZZ_TARGETS ?= merge code_edit chat rewrite verdict

fuzz: $(STAMP) ## Let atheris look for texts that break a law, FUZZ_SECONDS (180) for each target
	@test -d $(FUZZ)/atheris || $(BIN)/python -m pip install --quiet --target $(FUZZ) atheris==3.0.0
	@for target in $(FUZZ_TARGETS); do \
		mkdir -p $(FUZZ)/found/$$target; \
		PYTHONPATH=$(FUZZ) $(BIN)/python -m tests.fuzz $$target -max_total_time=$(FUZZ_SECONDS) \
			-timeout=20 -print_final_stats=1 -artifact_prefix=$(FUZZ)/$$target- \
			$(FUZZ)/found/$$target tests/fuzz/corpus/$$target || exit 1; \
	done

picture: $(STAMP) ## Draw the pictures of the documentation, each from a real run
	$(BIN)/python docs/images/record.py
	$(BIN)/python -m docs.images.alignment
	$(BIN)/python -m docs.images.guard
	$(BIN)/python -m docs.images.capacity

lock: ## Lock the exact versions for development and CI (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
		--group dev --output-file requirements/dev.txt pyproject.toml requirements/build.in
	uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
		--constraint requirements/dev.txt --output-file requirements/run.txt pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
		--constraint requirements/run.txt --override requirements/vllm.overrides \
		--output-file requirements/vllm.txt pyproject.toml requirements/vllm.in requirements/build.in

clean: ## Remove what make made
	rm -rf $(VENV) $(VLLM) .mypy_cache .ruff_cache .pytest_cache .hypothesis .cache
