package xray

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// NewIDGenerator returns a generator of trace ids that begin with the time in
// epoch seconds, as X-Ray's do: its queries read the time out of the id. The
// other 96 bits are random, so that ratio samplers, which look at the last 64,
// work as with any trace id. It is safe for concurrent use and takes no lock.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids
func NewIDGenerator() sdktrace.IDGenerator {
	return idGenerator{now: time.Now}
}

type idGenerator struct {
	now func() time.Time
}

// NewIDs implements sdktrace.IDGenerator.
func (g idGenerator) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	if in := incomingOf(ctx); in != nil && in.root.IsValid() && !trace.SpanContextFromContext(ctx).IsValid() {
		return in.root, g.NewSpanID(ctx, in.root)
	}
	var id trace.TraceID
	// The first four bytes hold until 2106.
	binary.BigEndian.PutUint32(id[:4], uint32(g.now().Unix()))
	binary.BigEndian.PutUint32(id[4:8], rand.Uint32()) // the runtime's ChaCha8, seeded by the system
	for {
		binary.BigEndian.PutUint64(id[8:], rand.Uint64())
		if id.IsValid() {
			return id, g.NewSpanID(ctx, id)
		}
	}
}

// NewSpanID implements sdktrace.IDGenerator.
func (g idGenerator) NewSpanID(context.Context, trace.TraceID) trace.SpanID {
	var id trace.SpanID
	for !id.IsValid() {
		binary.BigEndian.PutUint64(id[:], rand.Uint64())
	}
	return id
}
