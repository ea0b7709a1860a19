package web

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/examples/shop/internal/serve"
)

// What can go wrong with a payment.
var (
	errDeclined    = errors.New("the card was declined")
	errUnavailable = errors.New("the bank does not answer")
)

// How often what happens to a payment.
const (
	declined    = 0.05
	unavailable = 0.03
	slow        = 0.08
)

// payments stands for a bank: mostly quick, sometimes slow, sometimes no.
type payments struct {
	chance *serve.Chance
	tracer trace.Tracer
}

func newPayments(seed uint64) *payments {
	return &payments{chance: serve.NewChance(seed), tracer: otel.Tracer(scope)}
}

func (p *payments) charge(ctx context.Context, cents int64) error {
	ctx, span := p.tracer.Start(ctx, "charge card", trace.WithAttributes(attribute.Int64("payment.cents", cents)))
	defer span.End()
	err := p.bank(ctx)
	if err != nil {
		span.RecordError(err, trace.WithStackTrace(true))
		span.SetStatus(codes.Error, err.Error())
	}
	return err
}

func (p *payments) bank(ctx context.Context) error {
	took := p.chance.Between(15*time.Millisecond, 60*time.Millisecond)
	if p.chance.Hit(slow) {
		took = p.chance.Between(500*time.Millisecond, 1500*time.Millisecond)
	}
	if err := serve.Wait(ctx, took); err != nil {
		return err
	}
	switch {
	case p.chance.Hit(declined):
		return errDeclined
	case p.chance.Hit(unavailable):
		return errUnavailable
	}
	return nil
}
