// Package web is the shop's front: an HTTP API that takes orders, asks the
// inventory service, and charges a card. It is written as any Go service is;
// what updraft adds stands in [Run]: one Start, one handler, one HTTP client.
package web

import (
	"context"
	"errors"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/examples/shop/internal/serve"
)

// scope names the telemetry that this package makes itself.
const scope = "github.com/updraft-otel/updraft/examples/shop/web"

// Config says how the service runs. The zero value works.
type Config struct {
	// Listen is the TCP address; default "127.0.0.1:8080".
	Listen string

	// Inventory is the address of the inventory service; default "http://127.0.0.1:8081".
	Inventory string

	// Seed begins the sequence of slow and refused payments.
	Seed uint64

	// OnReady, if not nil, is told the service's address once it answers.
	OnReady func(url string)

	// OnStop, if not nil, is told at the end what became of the telemetry.
	OnStop func(updraft.Report)
}

// Run serves until ctx ends.
func Run(ctx context.Context, cfg Config) error {
	tel, err := updraft.Config{
		ServiceName:       "shop-web",
		ServiceVersion:    "1.0.0",
		IndexedAttributes: []string{"product"}, // annotation.product = "lamp" finds a trace
	}.Start(ctx)
	if err != nil {
		return err
	}
	err = run(ctx, cfg, tel)

	err = errors.Join(err, tel.Shutdown(context.WithoutCancel(ctx))) // ctx has ended; what is queued goes out all the same
	if cfg.OnStop != nil {
		cfg.OnStop(tel.Report())
	}
	return err
}

func run(ctx context.Context, cfg Config, tel *updraft.Telemetry) error {
	orders, err := newOrderMetrics()
	if err != nil {
		return err
	}
	srv := &server{
		log:       tel.Logger(),
		inventory: &inventory{url: or(cfg.Inventory, "http://127.0.0.1:8081"), http: updraft.HTTPClient()},
		payments:  newPayments(cfg.Seed),
		orders:    orders,
		crawlers:  newLimiter(1),
	}
	return serve.HTTP(ctx, or(cfg.Listen, "127.0.0.1:8080"), updraft.HTTPHandler(srv.routes(), "web"), cfg.OnReady)
}

func or(v, def string) string {
	if v == "" {
		return def
	}
	return v
}
