// Command shop is a small but complete application of two services: web takes
// orders over HTTP and asks inventory, which keeps a SQL database.
//
//	go run ./shop              both, as two processes
//	go run ./shop inventory    one of them
//	go run ./shop web
//	go run ./shop healthcheck  asks a web service that runs whether it is well
//
// Where the telemetry goes is the environment's business: AWS by default, the
// local AWS with what `updraft local` prints, a terminal with
// OTEL_TRACES_EXPORTER=console.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"

	"github.com/updraft-otel/updraft/examples/shop/inventory"
	"github.com/updraft-otel/updraft/examples/shop/web"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	ready := func(url string) { fmt.Println("listening on", url) }
	switch {
	case len(args) == 0:
		return both(ctx)
	case args[0] == "healthcheck":
		return healthcheck(ctx)
	case args[0] == "web":
		return web.Run(ctx, web.Config{
			Listen: os.Getenv("SHOP_WEB_LISTEN"), Inventory: os.Getenv("SHOP_INVENTORY"), OnReady: ready,
		})
	case args[0] == "inventory":
		return inventory.Run(ctx, inventory.Config{
			Listen: os.Getenv("SHOP_INVENTORY_LISTEN"), Database: os.Getenv("SHOP_DATABASE"), OnReady: ready,
		})
	}
	return fmt.Errorf("unknown service %q: it is web, inventory, or nothing for both; or healthcheck", args[0])
}

// both runs each service as a process, as it would run anywhere else: a
// process is one service to OpenTelemetry. When one ends, so does the other.
func both(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	errs := make(chan error, 2)
	for _, service := range []string{"inventory", "web"} {
		cmd := exec.CommandContext(ctx, self, service) //nolint:gosec // it is this program again
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		wg.Go(func() {
			defer stop()
			if err := cmd.Run(); err != nil && ctx.Err() == nil {
				errs <- fmt.Errorf("%s: %w", service, err)
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}
