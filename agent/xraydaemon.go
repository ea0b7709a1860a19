package agent

import (
	"context"
	"errors"
	"fmt"
	"io"

	"go.opentelemetry.io/collector/otelcol"

	"github.com/updraft-otel/updraft/agent/internal/xraydaemon"
)

// xrayDaemon runs the agent as the X-Ray daemon is run.
func xrayDaemon(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := xraydaemon.Parse(args, stdout)
	switch {
	case errors.Is(err, xraydaemon.ErrHelp):
		return nil
	case errors.Is(err, xraydaemon.ErrVersion):
		fmt.Fprintf(stdout, "%s %s, in the place of the X-Ray daemon\n", command, Version)
		return nil
	case err != nil:
		return err
	}
	for _, ignored := range o.Ignored() {
		fmt.Fprintf(stderr, "%s: %s\n", command, ignored)
	}
	text, err := o.Collector()
	if err != nil {
		return err
	}
	cmd := otelcol.NewCommand(Settings())
	cmd.SetArgs([]string{"--config=yaml:" + text})
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	cmd.SilenceErrors = true
	return cmd.ExecuteContext(ctx)
}
