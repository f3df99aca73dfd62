HOST ?= 0.0.0.0
PORT ?= 8080
VENV := .venv
RUN := $(VENV)/bin/python
NPM := PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npm --prefix tests/page --silent
export HOST PORT

.PHONY: help serve quick test faults mutations rolling queue check check-deploy sbom licences demo lock

help:  ## List what there is to make
	@sed -n 's/^\([a-z-]*\):.*##/\1:/p' $(MAKEFILE_LIST) | column -t -s: -l 2

serve: $(VENV)/runtime  ## Serve on HOST and PORT
	exec $(VENV)/bin/gunicorn

quick: $(VENV)/development  ## Run the tests that need no server and no model
	$(RUN) -m pytest -n auto tests/unit tests/deploy

test: $(VENV)/development  ## Run the test suite
	$(RUN) -m pytest -n auto --dist worksteal

faults: $(VENV)/development  ## 500 uploads that go wrong in every way
	FAULTS=500 $(RUN) -m pytest -s tests/service/test_faults.py

mutations: $(VENV)/development  ## 10,000 damaged files
	MUTATIONS=10000 $(RUN) -m pytest -s tests/service/test_mutations.py

rolling: $(VENV)/development  ## Replace two servers behind haproxy under steady uploads
	$(RUN) -m pytest -s tests/deploy/rolling_restart.py

queue: $(VENV)/deploy/installed  ## Kill services, consumers and their PostgreSQL over 200 analyses
	QUEUED=$(or $(QUEUED),200) $(RUN) -m pytest -s -n 0 tests/deploy/lost_processes.py

check: $(VENV)/development  ## Run the linters
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m mypy
	$(NPM) run check
	$(VENV)/bin/hadolint Dockerfile
	$(VENV)/bin/zizmor --offline --quiet .github
	$(VENV)/bin/shellcheck --external-sources .ci/run venv.sh deploy/*.sh

check-deploy: $(VENV)/deploy/installed  ## Deploy to a stand-in for AWS on loopback, and lint the templates
	$(VENV)/deploy/bin/python -m pytest --noconftest tests/deploy/stack.py

sbom: build/sbom-x86_64.json build/sbom-aarch64.json  ## List the software in the image, as CycloneDX
build/sbom-%.json: deploy/sbom.py $(VENV)/runtime
	mkdir -p build
	$(RUN) -m deploy.sbom $* > $@

licences: $(VENV)/runtime  ## List the licences of what is in the image
	$(RUN) -m deploy.licences > docs/third-party-licences.md

demo: $(VENV)/runtime  ## Film the drawn dancer and analyse the film
	mkdir -p build
	$(RUN) -m dancer build/demo.mp4 --pose T-Pose --pose "Arms V" --seconds 0.3
	$(RUN) -m analyzer build/demo.mp4

lock: $(VENV)/development  ## Renew the locked requirements and the base image
	$(RUN) -m uv pip compile requirements.in --override requirements-overrides.txt $(LOCK) -o requirements.txt
	$(RUN) -m uv pip compile requirements-dev.in $(LOCK) -o requirements-dev.txt
	$(RUN) -m uv pip compile requirements-deploy.in $(LOCK) -o requirements-deploy.txt
	$(RUN) -m deploy.base_image

# One lock for all machines and Pythons, and of each package one version where that can be: a line that
# isn't for all says for which it is.
LOCK := --quiet --upgrade --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
	--python-version 3.11 --universal --fork-strategy fewest

INSTALL := $(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes

$(VENV)/runtime: requirements.txt
	./venv.sh $(VENV)
	$(INSTALL) -r requirements.txt
	touch $@

$(VENV)/development: requirements-dev.txt tests/page/package-lock.json $(VENV)/runtime
	$(INSTALL) -r requirements-dev.txt
	$(NPM) ci
	touch $@

$(VENV)/deploy/installed: requirements-deploy.txt $(VENV)/development
	./venv.sh $(VENV)/deploy
	$(VENV)/deploy/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-deploy.txt
	touch $@
