package loadbalancing

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter/otlpexporter"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/updraft-otel/updraft/agent/internal/contain"
)

// How long a collector that can't be reached is passed over before it is tried again; doubled from one failure to the next.
const (
	firstPause = time.Second
	maxPause   = 30 * time.Second
)

// An outcome is what came of a call.
type outcome int

const (
	taken   outcome = iota
	refused         // never to be taken, by any collector
	busy            // to be sent to the same collector again, later
	down            // for another collector
)

// A backend is one collector. Its methods may be called from any goroutine.
type backend[T any] struct {
	balancer *balancer[T]
	endpoint string

	mu      sync.Mutex
	conn    *connection[T] // nil until it is used, and after a failure
	pause   time.Duration  // 0 while it answers
	until   time.Time      // it is not tried before
	retired bool
	calls   sync.WaitGroup
}

// A connection is an otlp exporter. A new one connects at once, where the old one would wait for its own time.
type connection[T any] struct {
	component component.Component
	consume   consume[T]
	users     int  // calls under way, by the backend's mutex
	unwanted  bool // the last user closes it
}

func newBackend[T any](b *balancer[T], endpoint string) *backend[T] {
	return &backend[T]{balancer: b, endpoint: endpoint}
}

// try tells whether to send to the collector. While it can't be reached one caller is told so when its pause is over, and is
// expected to send.
func (b *backend[T]) try(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.retired {
		return false
	}
	if b.pause == 0 {
		return true
	}
	if now.Before(b.until) {
		return false
	}
	b.until = now.Add(b.pause)
	return true
}

// send makes a call.
func (b *backend[T]) send(ctx context.Context, data T) (outcome, time.Duration, error) {
	conn, err := b.acquire(ctx)
	if err != nil {
		return down, 0, err
	}
	if panicked := contain.Call(func() { err = conn.consume(ctx, data) }); panicked != nil {
		err = consumererror.NewPermanent(panicked)
	}
	outcome, delay := judge(ctx, err)
	b.release(ctx, conn, outcome, err)
	if err != nil {
		err = fmt.Errorf("%s: %w", b.endpoint, err)
	}
	return outcome, delay, err
}

// errRetired is why a call is not made.
var errRetired = errors.New("the resolver no longer names it")

// acquire returns the connection, a new one if there is none.
func (b *backend[T]) acquire(ctx context.Context) (*connection[T], error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.retired {
		return nil, fmt.Errorf("%s: %w", b.endpoint, errRetired)
	}
	if b.conn == nil {
		conn, err := b.open(context.WithoutCancel(ctx))
		if err != nil {
			b.failedLocked(err)
			return nil, fmt.Errorf("%s: %w", b.endpoint, err)
		}
		b.conn = conn
	}
	b.conn.users++
	b.calls.Add(1)
	return b.conn, nil
}

// release takes note of what came of a call, and closes the connection if nobody wants it any more.
func (b *backend[T]) release(ctx context.Context, conn *connection[T], outcome outcome, err error) {
	defer b.calls.Done()
	b.mu.Lock()
	conn.users--
	switch {
	case outcome == down && b.conn == conn:
		b.conn, conn.unwanted = nil, true
		b.failedLocked(err)
	case outcome != down && ctx.Err() == nil && b.pause > 0:
		b.pause = 0
		b.balancer.set.Logger.Info("A collector answers again and gets its share back", zap.String("endpoint", b.endpoint))
	}
	last := conn.unwanted && conn.users == 0
	b.mu.Unlock()
	if last {
		_ = conn.component.Shutdown(context.WithoutCancel(ctx))
	}
}

// failedLocked has the collector passed over for a while. It says so the first time.
func (b *backend[T]) failedLocked(err error) {
	if b.pause == 0 {
		b.pause = firstPause
		b.balancer.set.Logger.Warn("A collector can't be reached: its share goes to the others until it answers again; see that it runs",
			zap.String("endpoint", b.endpoint), zap.Error(err))
	} else {
		b.pause = min(2*b.pause, maxPause)
	}
	b.until = time.Now().Add(b.pause)
}

// retire waits for the calls under way and closes the connection. No call begins any more.
func (b *backend[T]) retire() {
	b.mu.Lock()
	b.retired = true
	b.mu.Unlock()
	b.calls.Wait()
	b.mu.Lock()
	conn := b.conn
	b.conn = nil
	b.mu.Unlock()
	if conn != nil {
		_ = conn.component.Shutdown(context.Background())
	}
}

// open makes and starts an otlp exporter for the collector. It has no queue, no retry and no metrics: these are ours.
func (b *backend[T]) open(ctx context.Context) (*connection[T], error) {
	of := b.balancer
	cfg := of.config.Protocol.OTLP
	cfg.ClientConfig.Endpoint = withPort(b.endpoint)
	set := of.set
	name := b.endpoint
	if own := set.ID.Name(); own != "" {
		name = own + "/" + name
	}
	set.ID = component.NewIDWithName(otlpexporter.NewFactory().Type(), name)
	set.MeterProvider, set.TracerProvider = metricnoop.NewMeterProvider(), tracenoop.NewTracerProvider()
	set.Logger = set.Logger.With(zap.String("endpoint", b.endpoint)).WithOptions(zap.WrapCore(onlyWarnings))
	c, consume, err := of.signal.open(ctx, set, &cfg)
	if err != nil {
		return nil, err
	}
	if err := c.Start(ctx, of.host); err != nil {
		return nil, errors.Join(err, c.Shutdown(ctx))
	}
	return &connection[T]{component: c, consume: consume}, nil
}

// onlyWarnings leaves of the otlp exporter's log what it alone knows, that a collector took a part. Its errors are returned to
// us, and its advice to enable a queue would mislead.
func onlyWarnings(core zapcore.Core) zapcore.Core { return warnings{core} }

type warnings struct{ zapcore.Core }

func (w warnings) Enabled(l zapcore.Level) bool { return l == zapcore.WarnLevel && w.Core.Enabled(l) }

func (w warnings) With(fields []zapcore.Field) zapcore.Core { return warnings{w.Core.With(fields)} }

func (w warnings) Check(e zapcore.Entry, to *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if !w.Enabled(e.Level) {
		return to
	}
	return w.Core.Check(e, to)
}

// withPort is an endpoint with OTLP's port where it has none.
func withPort(endpoint string) string {
	if _, _, err := net.SplitHostPort(endpoint); err == nil {
		return endpoint
	}
	return endpoint + ":" + defaultPort
}

// judge tells what an answer means. The otlp exporter has already told by the code what is never to be tried again.
// https://opentelemetry.io/docs/specs/otlp/#failures
func judge(ctx context.Context, err error) (outcome, time.Duration) {
	if err == nil {
		return taken, 0
	}
	if consumererror.IsPermanent(err) {
		return refused, 0
	}
	if ctx.Err() != nil { // it is our time that is up
		return busy, 0
	}
	s, _ := status.FromError(err)
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			return busy, info.GetRetryDelay().AsDuration()
		}
	}
	switch s.Code() {
	case codes.Aborted, codes.OutOfRange, codes.DataLoss, codes.ResourceExhausted:
		return busy, 0
	}
	return down, 0
}
