// Package inventory is the shop's second service: what is in stock, kept in a
// real SQL database. It shows database spans, a background job with traces of
// its own, and a gauge.
package inventory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/examples/shop/internal/serve"
)

// scope names the telemetry that this package makes itself.
const scope = "github.com/updraft-otel/updraft/examples/shop/inventory"

// Config says how the service runs. The zero value works.
type Config struct {
	// Listen is the TCP address; default "127.0.0.1:8081".
	Listen string

	// Database is a SQLite file; default: in memory.
	Database string

	// Seed begins the sequence of slow answers.
	Seed uint64

	// Restock is the time between two deliveries to the warehouse; default 5 s.
	Restock time.Duration

	// OnReady, if not nil, is told the service's address once it answers.
	OnReady func(url string)

	// OnStop, if not nil, is told at the end what became of the telemetry.
	OnStop func(updraft.Report)
}

// Run serves until ctx ends.
func Run(ctx context.Context, cfg Config) error {
	tel, err := updraft.Config{ServiceName: "shop-inventory", ServiceVersion: "1.0.0"}.Start(ctx)
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
	log := tel.Logger()
	stock, err := openStore(ctx, cfg.Database)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	defer stock.close()

	srv := &server{
		stock:  stock,
		log:    log,
		tracer: otel.Tracer(scope),
		chance: serve.NewChance(cfg.Seed),
	}
	if srv.level, err = stockGauge(); err != nil {
		return err
	}
	restocking := make(chan struct{})
	ctx, stop := context.WithCancel(ctx)
	go func() {
		defer close(restocking)
		srv.restock(ctx, or(cfg.Restock, 5*time.Second))
	}()
	err = serve.HTTP(ctx, or(cfg.Listen, "127.0.0.1:8081"), updraft.HTTPHandler(srv.routes(), "inventory"), cfg.OnReady)
	stop()
	<-restocking
	return err
}

func or[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}
