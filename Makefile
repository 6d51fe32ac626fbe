# Percept: what one types. Everything is built in release: debug builds are 10 to 230 times slower.

PREFIX ?= /usr/local
DESTDIR ?=
VIDEO ?=
SWIFT ?= swift

# Folders of Swift sources; the separate packages count where they exist.
FORMATTED = Sources Tests Package.swift $(wildcard Benchmarks Fuzz)

# A name is handed on as typed, "$" and spaces included.
override VIDEO := $(value VIDEO)
export PREFIX DESTDIR VIDEO

.DEFAULT_GOAL := help
# Swift's package manager allows one build at a time.
.NOTPARALLEL:
.PHONY: help setup build run test test-suite test-avx2 test-onednn3 bench bench-peers soak samples install dist \
    docs format lint clean

help: ## Show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | \
		while IFS='|' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done
	@printf '\n  make run VIDEO="my file.mkv"     enhance your own file\n'
	@printf '  make install PREFIX=~/.local     install without root\n'

setup: ## Check Swift, install missing Debian packages
	@Scripts/setup.sh

build: setup ## Build the programs
	$(SWIFT) build -c release --product mwgan
	$(SWIFT) build -c release --product hoi
	$(SWIFT) build -c release --product pipeline
	$(SWIFT) build -c release --product percept-lab

run: build ## Enhance the sample clip (or VIDEO=...) into out/
	@Scripts/run.sh

test: setup test-suite test-avx2 ## Run the whole suite

test-suite:
	$(SWIFT) test -c release

# Everything once more as on a processor without AVX-512 and bf16: oneDNN then picks other kernels
# and other layouts.
test-avx2:
	ONEDNN_MAX_CPU_ISA=AVX2 $(SWIFT) test -c release --skip-build

test-onednn3: setup ## Run the engine's tests with oneDNN 3.x from PyPI
	@Scripts/test-onednn3.sh

bench: build ## Measure speed on this machine
	$(SWIFT) run -c release --package-path Benchmarks bench

bench-peers: build ## Measure PyTorch, ONNX Runtime and OpenVINO beside us
	@Scripts/bench-peers.sh

soak: setup ## Run what takes longer: kills, faults, endurance
	PERCEPT_SOAK=1 $(SWIFT) test -c release --filter 'MediaTests|EnhancementTests|BatchTests|CommandTests'

samples: ## Copy real clips from Debian's opencv-doc into samples/debian/
	@Scripts/samples.sh

# "sudo make install" after "make build" must not want Swift on root's path.
install: ## Install under PREFIX (and DESTDIR)
	@if [ -z "$$SUDO_USER" ] || [ ! -x .build/release/mwgan ]; then $(MAKE) build; fi
	@Scripts/install.sh

dist: setup ## Make a tarball that needs no Swift
	@Scripts/dist.sh

docs: build ## Write the manual page and each command's help into out/docs/
	@Scripts/docs.sh

format: ## Format the sources
	$(SWIFT) format --in-place --recursive --parallel $(FORMATTED)

lint: ## Check the format
	$(SWIFT) format lint --strict --recursive --parallel $(FORMATTED)

clean: ## Remove everything that was built
	rm -rf .build out
