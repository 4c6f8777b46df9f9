# Targets build their own environment: a Python >= 3.11 and make are all that is needed.
.DEFAULT_GOAL := help
.PHONY: docs help setup reproduce test lint kernel bench-train profile notebooks figures pins clean

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

export MPLBACKEND := Agg
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Without this pyright asks a package registry for its newest version at every start.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(READY) ## the environment, in .venv (PYTHON=... picks the interpreter)

$(READY): pyproject.toml constraints.txt
	@started=$$(date +%s); python=; \
	for p in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python); do \
	    $$p -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && python=$$p && break; \
	done; \
	test -n "$$python" || { \
	    echo "No Python >= 3.11 with its venv and ensurepip modules found. Install one (Debian: apt install"; \
	    echo "python3 python3-venv), or name one that has them: make setup PYTHON=path/to/python"; exit 1; }; \
	echo "Creating $(VENV) with $$($$python --version) ..."; \
	$$python -m venv $(VENV) || exit 1; \
	echo "Installing the pinned packages, about two minutes ..."; \
	PIP_CONSTRAINT=constraints.txt $(BIN)/pip install --quiet -e '.[all,dev]' || exit 1; \
	touch $@; echo "Environment ready after $$(( $$(date +%s) - started )) s."

reproduce: $(READY) ## train for seconds, run every optimizer, draw the figures, write build/report.html
	$(BIN)/dwmgrad train --budget smoke --no-fetch
	$(BIN)/dwmgrad reproduce

# One thread per worker: xdist already puts one worker on every core.
test: export OMP_NUM_THREADS := 1
test: export OPENBLAS_NUM_THREADS := 1
test: export MKL_NUM_THREADS := 1
test: $(READY) ## the test suite on all cores (PYTEST_ARGS=... adds options)
	$(BIN)/python -m pytest -n logical --dist worksteal $(PYTEST_ARGS)

lint: $(READY) ## format, style, types, layers: what pre-commit and CI run
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports --no-logo

kernel: $(READY) ## compile and re-check the theorems with Coq (Debian: apt-get install coq libcoq-flocq)
	$(BIN)/python -m proofs.kernel.build

profile: $(READY) ## what a step costs here, into the committed profile: 15 minutes on a quiet machine
	$(BIN)/dwmgrad profile --json proofs/measured/cost.json

bench-train: $(READY) ## seconds of an MNIST epoch: DWMGrad, fused Adam, the released loop (needs MNIST)
	$(BIN)/python -m analysis.cost.bench_train $(BENCH_ARGS)

notebooks: $(READY) ## execute the notebooks
	$(BIN)/python -m pytest tests/test_notebooks.py

figures: $(READY) ## redraw the paper figures
	$(BIN)/dwmgrad figures

docs: $(READY) ## the documentation site, in build/site; a warning is an error
	$(BIN)/python -m paper_figures.site

pins: $(READY) ## rewrite constraints.txt from what is installed
	@{ sed '/^[^#]/,$$d' constraints.txt; \
	   $(BIN)/pip freeze --all --exclude-editable | grep -v -E '^(pip=|nvidia|cuda|triton)' | sed 's/+[^=]*$$//'; \
	 } > .stamp-pins
	@mv .stamp-pins constraints.txt

clean: ## remove the environment and caches
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache .import_linter_cache .hypothesis
