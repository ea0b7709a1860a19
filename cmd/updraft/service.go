package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/examples/shop/inventory"
	"github.com/updraft-otel/updraft/examples/shop/web"
)

// serviceCommandName is the hidden command under which the demo runs itself
// once more for each service of the shop: a process is one service to
// OpenTelemetry, as it is in production.
const serviceCommandName = "demo-service"

// A message is one line that a service writes to the demo on its stdout.
type message struct {
	Ready  string          `json:"ready,omitempty"`  // the address, once it answers
	Report *updraft.Report `json:"report,omitempty"` // at the end, when telemetry is shut down
}

// serviceCommand runs one service until its stdin closes. That is how the demo
// stops it, and it also happens when the demo itself is killed: nothing is
// left behind. Ctrl-C reaches the whole process group and is not for us: the
// demo stops its services in order, so that requests under way finish.
func serviceCommand(ctx context.Context, args []string, std stdio) error {
	signal.Ignore(os.Interrupt)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() { // ends with the process: a blocked read has no other way
		_, _ = io.Copy(io.Discard, std.in)
		stop()
	}()

	fs := flag.NewFlagSet(serviceCommandName, flag.ContinueOnError)
	name := fs.String("name", "", "")
	inventoryURL := fs.String("inventory", "", "")
	seed := fs.Uint64("seed", 1, "")
	if err := parse(fs, args, std); err != nil {
		return ignoreHelp(err)
	}
	out := json.NewEncoder(std.out)
	ready := func(url string) { _ = out.Encode(message{Ready: url}) } // a demo that is gone has closed stdin too
	report := func(r updraft.Report) { _ = out.Encode(message{Report: &r}) }
	switch *name {
	case "inventory":
		return inventory.Run(ctx, inventory.Config{Listen: "127.0.0.1:0", Seed: *seed, OnReady: ready, OnStop: report})
	case "web":
		return web.Run(ctx, web.Config{Listen: "127.0.0.1:0", Seed: *seed, Inventory: *inventoryURL, OnReady: ready, OnStop: report})
	}
	return usageError(fmt.Sprintf("unknown service %q", *name), "updraft demo runs the services")
}
