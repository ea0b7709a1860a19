package web

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// orderMetrics are the numbers the business wants, in CloudWatch under the
// names that are given here. What an order is worth has percentiles, p90 and
// the like, without buckets being chosen here.
type orderMetrics struct {
	orders metric.Int64Counter
	value  metric.Float64Histogram
}

func newOrderMetrics() (*orderMetrics, error) {
	meter := otel.Meter(scope)
	orders, err1 := meter.Int64Counter("shop.orders",
		metric.WithDescription("orders by what became of them"), metric.WithUnit("{order}"))
	value, err2 := meter.Float64Histogram("shop.order.value",
		metric.WithDescription("what a paid order is worth"), metric.WithUnit("EUR"))
	return &orderMetrics{orders, value}, errors.Join(err1, err2)
}

func (m *orderMetrics) count(ctx context.Context, outcome string, o order) {
	m.orders.Add(ctx, 1, metric.WithAttributes(attribute.String("outcome", outcome), attribute.String("product", o.Product)))
}

func (m *orderMetrics) worth(ctx context.Context, o order) {
	m.value.Record(ctx, float64(o.TotalCents)/100)
}

// A limiter lets some requests a second pass.
type limiter struct {
	mu     sync.Mutex
	every  time.Duration
	nextAt time.Time
}

func newLimiter(perSecond int) *limiter {
	return &limiter{every: time.Second / time.Duration(perSecond)}
}

func (l *limiter) allow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if now.Before(l.nextAt) {
		return false
	}
	l.nextAt = now.Add(l.every)
	return true
}
