# The few commands of this repository. `make` alone prints them.
#
# demo and build want Go and make, nothing else: no C compiler, no Node, no container engine.
# test installs what else it needs. Tool versions are pinned in scripts/test.sh.

SHELL     := /bin/bash
MODULES   := . localaws agent cmd examples bench
BENCHTIME ?= 1s
COUNT     ?= 5
FUZZTIME  ?= 30s

# Without a readable git history (an exported tree, another owner's clone) the binary is built without a version stamp.
VCS := $(shell git rev-parse HEAD >/dev/null 2>&1 && echo auto || echo false)

.PHONY: help demo build bin/updraft bin/updraft-agent test lint bench soak fuzz clean

help: ## print this list
	@grep -hE '^[a-z]+: .*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

demo: bin/updraft ## run a real application against a local AWS, with its console; ARGS="--for 20s" adds flags
	@exec bin/updraft demo $(ARGS)

build: bin/updraft bin/updraft-agent ## write bin/updraft and bin/updraft-agent

# The agent is built from a few hundred modules, minutes the first time: nobody needs it to see the demo.
bin/updraft:
	@cd cmd && CGO_ENABLED=0 go build -trimpath -buildvcs=$(VCS) -o ../$@ ./updraft

bin/updraft-agent:
	@cd agent && CGO_ENABLED=0 go build -trimpath -buildvcs=$(VCS) -ldflags '-s -w' -o ../$@ ./cmd/updraft-agent

test: ## everything that must hold; installs what it needs; what CI runs
	@scripts/test.sh

lint: ## the part of `make test` that runs no test
	@scripts/test.sh lint

bench: ## run the benchmarks of all modules, then the agent beside the collector's components; COUNT=5 BENCHTIME=1s
	@set -o pipefail; for m in $(MODULES); do \
		(cd $$m && go test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) -count $(COUNT) ./... \
			| sed -E '/^(PASS|ok |\?|goos|goarch|cpu)/d') || exit 1; \
	done
	@scripts/bench-agent.sh

soak: ## the delivery trials at full length: 100,000 spans and a million log records, throttled, through outages; an application killed 100 times; 100,000 made-up metrics; ten agents killed; one for 30 minutes with faults
	@cd localaws && go test -v -run 'TestDelivery|TestMetricsRandom|TestLibrary_kill' -soak -timeout 30m .
	@cd agent && go test -v -run TestKill -soak .
	@scripts/bench-agent.sh -soak 30m

fuzz: ## run every fuzz target for FUZZTIME=30s
	@scripts/fuzz.sh $(FUZZTIME)

clean: ## remove what was built and installed here
	rm -rf bin .tools localaws/console/node_modules localaws/testdata/clients/node_modules
