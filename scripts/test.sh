#!/usr/bin/env bash
# Everything that must hold before a change is kept, step by step; `scripts/test.sh lint` stops short of the tests.
# A failed step does not stop the next ones: one run reports all that is wrong. The last line is the verdict.
set -uo pipefail
cd "$(dirname "$0")/.."

golangci_version=v2.15.0
modules=(. localaws agent cmd examples bench)
only=${1:-all}

root=$PWD
failed=()
count=0

# step NAME COMMAND...: say what is done, do it, remember whether it held.
step() {
	local name=$1 began=$SECONDS
	shift
	count=$((count + 1))
	printf '\n== %s\n' "$name"
	if "$@"; then
		printf -- '-- ok, %d s\n' $((SECONDS - began))
	else
		printf -- '-- FAILED: %s\n' "$name"
		failed+=("$name")
	fi
}

# inside DIR COMMAND...: run it there, leave us here.
inside() {
	local dir=$1
	shift
	(cd "$dir" && "$@")
}

# --- what is missing is installed ---

debian_packages() {
	local want=()
	command -v gcc >/dev/null || want+=(gcc libc6-dev) # go test -race needs a C compiler
	command -v node >/dev/null && command -v npm >/dev/null || want+=(nodejs npm)
	command -v chromium >/dev/null || want+=(chromium)
	python_xray python3 || python_xray /usr/bin/python3 || want+=(python3-aws-xray-sdk)
	[ -x /usr/bin/aws ] || want+=(awscli) # also where PATH has another one: old and new clients speak different protocols
	if [ ${#want[@]} -eq 0 ]; then
		echo "nothing is missing"
		return 0
	fi
	local sudo=()
	if [ "$(id -u)" -ne 0 ]; then
		if ! sudo -n true 2>/dev/null; then
			echo "missing: ${want[*]}. Install them (Debian: sudo apt-get install ${want[*]}) and run make test again."
			return 1
		fi
		sudo=(sudo)
	fi
	if ! command -v apt-get >/dev/null; then
		echo "missing: ${want[*]} (names of the Debian packages), and there is no apt-get: install them, then run make test again."
		return 1
	fi
	echo "installing ${want[*]}"
	"${sudo[@]}" apt-get update -qq &&
		"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${want[@]}" >/dev/null
}

# python_xray PYTHON: tell whether it has the X-Ray SDK and the client that the tests trace.
python_xray() {
	"$1" -c 'import aws_xray_sdk, requests' 2>/dev/null
}

golangci_lint() {
	if ! .tools/golangci-lint version 2>/dev/null | grep -qF "version ${golangci_version#v} "; then
		echo "installing golangci-lint $golangci_version into .tools (about 90 s, once)"
		GOBIN=$root/.tools CGO_ENABLED=0 GOFLAGS=-mod=mod \
			go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$golangci_version" || return 1
	fi
	.tools/golangci-lint version
}

npm_packages() {
	local dir lock=package-lock.json mark=node_modules/.package-lock.json
	for dir in "$@"; do
		if [ -e "$dir/$mark" ] && [ ! "$dir/$lock" -nt "$dir/$mark" ]; then
			echo "$dir: nothing is missing"
		else
			inside "$dir" npm ci --no-audit --no-fund --loglevel=error || return 1
		fi
	done
}

# --- what is checked ---

formatted() {
	local files
	files=$(gofmt -l -s .) || return 1 # of the whole repository; node_modules has no Go
	[ -z "$files" ] || printf 'not formatted, run gofmt -s -w on:\n%s\n' "$files"
	[ -z "$files" ]
}

check_module() {
	local module=$1 name=$1
	[ "$module" = . ] && name=library
	step "$name: go mod tidy" inside "$module" go mod tidy -diff
	step "$name: go vet" inside "$module" go vet ./...
	step "$name: golangci-lint" inside "$module" "$root/.tools/golangci-lint" run --allow-serial-runners --config "$root/.golangci.yml" ./...
	[ "$only" = lint ] || step "$name: go test -race" inside "$module" go test -race -timeout 10m ./...
}

verdict() {
	printf '\n%d steps, %d min %d s: ' "$count" $((SECONDS / 60)) $((SECONDS % 60))
	if [ ${#failed[@]} -eq 0 ]; then
		echo PASS
		return 0
	fi
	local IFS=';'
	echo "FAIL (${failed[*]})"
	return 1
}

[ "$only" = lint ] || step "Debian packages" debian_packages
step "golangci-lint $golangci_version" golangci_lint
step "npm packages of the console and of the test clients" npm_packages localaws/console localaws/testdata/clients
step "gofmt" formatted
step "console: types" inside localaws/console node_modules/.bin/tsc --noEmit
step "console: built assets are those of the sources" inside localaws go run ./console/build -check
for module in "${modules[@]}"; do check_module "$module"; done
[ "$only" = lint ] || step "build" make build
[ "$only" = lint ] || step "console: browser test" node --test --test-reporter=spec localaws/console/e2e/*.test.mjs # walks bin/updraft demo
verdict
