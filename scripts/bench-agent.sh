#!/usr/bin/env bash
# Build the agent and the collector it is compared with, and compare them: see bench/agent. The first build of the
# collector takes some minutes. Arguments are those of bench/agent, as -only cpu or -soak 30m.
#
# XRAY_DAEMON names an X-Ray daemon's program, and COLLECTOR another collector's, to be compared as well.
set -euo pipefail
cd "$(dirname "$0")/.."

make --no-print-directory bin/updraft-agent
case " $* " in
*" -soak"*) ;; # the agent alone
*) (cd bench/agent/peer && CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w' -o ../../../bin/peer .) ;;
esac
(cd bench && go build -o ../bin/bench-agent ./agent)
exec bin/bench-agent ${XRAY_DAEMON:+-daemon "$XRAY_DAEMON"} ${COLLECTOR:+-other "$COLLECTOR"} "$@"
