# The front door. `make` alone says what there is.
#
# Each target works as the first command typed on Debian 12 with the Swift 6.3 toolchain, make and git: what it needs
# besides, it installs from Debian's packages and says so.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run image test check bench fmt lint docs man soak fuzz swift

SWIFT_FILES := $(wildcard Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources Fuzz/Package.swift Fuzz/Sources)
# Further flags for `make run`, such as ARGS="--listen 127.0.0.1:5001"; of `wharf build` for `make image`, of
# Benchmarks/run for `make bench`.
ARGS :=
# The program of the image has Swift's libraries in it, and neither a path of this machine nor what is made of one (debug
# information): elsewhere it is the same to the bit.
IMAGE_BUILD := --configuration release --static-swift-stdlib --product wharf --scratch-path .build/image \
	-debug-info-format none -Xcc -ffile-prefix-map=$(CURDIR)=.

help: ## Say what there is.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: swift ## Build the registry and start it on 127.0.0.1:5000, with its data in ./wharf-data.
	@Scripts/install-test-parties build
	@echo "Building wharf for speed. The first time this takes about 5 minutes on two cores, later seconds."
	swift build --configuration release --static-swift-stdlib -Xlinker --no-export-dynamic --product wharf
	exec .build/release/wharf serve $(ARGS)

image: swift ## Make wharf's own container image, .build/wharf.oci.tar, with wharf itself.
	@Scripts/install-test-parties build
	@echo "Building wharf for its image. The first time this takes about 10 minutes on two cores, later seconds."
	swift build $(IMAGE_BUILD)
	@Scripts/make-image .build/image/release/wharf .build/wharf.oci.tar $(ARGS)

test: swift ## Run every test, with real container clients.
	@Scripts/install-test-parties test
	@echo "Building for tests. The first time this takes about 3 minutes on two cores."
	@Scripts/run-tests

check: swift lint ## All that a change must pass: form, generated pages, tests.
	@Scripts/install-test-parties build
	swift build --build-tests --quiet
	@Scripts/generated-pages check
	@$(MAKE) --no-print-directory test

lint: swift ## Check the form of the Swift files.
	swift format lint --strict --parallel --recursive $(SWIFT_FILES)

fmt: swift ## Bring the Swift files into form.
	swift format format --in-place --parallel --recursive $(SWIFT_FILES)

docs: swift ## Write the pages of Documentation/ that are made from the program.
	@Scripts/install-test-parties build
	swift build --product wharf
	@Scripts/generated-pages write

man: swift ## Write a man page for each command into .build/man.
	@Scripts/install-test-parties build
	swift build --product wharf
	.build/debug/wharf help-pages man .build/man
	@echo "See one with: man -l .build/man/wharf.1"

bench: swift ## Measure side by side with docker-registry, nginx and skopeo.
	@Scripts/install-test-parties bench
	@Benchmarks/run $(ARGS)

soak: swift ## Run the long tests: kill -9 at many points, long fault runs.
	@Scripts/install-test-parties test
	@SOAK=1 Scripts/run-tests

fuzz: swift ## Fuzz the parsers for some minutes each.
	@Scripts/install-test-parties build
	@Fuzz/run

swift:
	@command -v swift >/dev/null || { echo "Swift 6.3 is needed: see swift.org/install" >&2; exit 1; }
