// Command updraft-agent is an OpenTelemetry Collector for AWS; see package agent. `updraft-agent --help` says how.
package main

import (
	"context"
	"os"

	"github.com/updraft-otel/updraft/agent"
	_ "github.com/updraft-otel/updraft/agent/internal/timerslack/early" // takes effect before all else
)

func main() {
	os.Exit(agent.Main(context.Background(), os.Args, os.Stdout, os.Stderr))
}
