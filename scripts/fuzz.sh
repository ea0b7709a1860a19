#!/usr/bin/env bash
# Runs every fuzz target of every module, one after the other: scripts/fuzz.sh 30s
# An input that reaches something new is made smaller for no more than 20 tries: Go's minute for each left no time to fuzz.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:?how long each target runs, e.g. 30s}

grep -rE --include='*_test.go' --exclude-dir=node_modules '^func Fuzz[A-Za-z0-9_]*\(' . |
	sed -E 's|^(.*)/[^/]*:func (Fuzz[A-Za-z0-9_]*).*|\1 \2|' | sort |
	while read -r dir target; do
		echo "== $dir $target"
		(cd "$dir" && go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 20x .)
	done
