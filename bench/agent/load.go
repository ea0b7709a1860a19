package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// Of a load's ids, the last four bytes are a number; these precede it.
const (
	spanMark  = "5ba7ad1d" // before the number of a span
	traceMark = "c0ffee11" // before the number of a trace
)

// requestSpans is how many spans a request has: what OpenTelemetry's SDKs send at a time under load.
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#batch-span-processor
const requestSpans = 512

// buffers are for requests and calls.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// A load is OTLP traffic over gRPC: one request, encoded beforehand, in which only ids or times change.
type load struct {
	method  string
	request []byte
	items   int
	numbers []int     // where the numbers of ids are in the request
	times   []int     // where times are that each request has its own of: a millisecond later than the one before
	first   time.Time // the time of the first request
	next    atomic.Uint32
	conns   []*grpc.ClientConn // one a client, kept from one run to the next as applications keep theirs

	accepted, refused atomic.Int64 // items
	turnedAway        atomic.Int64 // requests that were sent again
}

// newTraceLoad is a load of spans.
func newTraceLoad() (*load, error) {
	request, err := traceRequest(requestSpans)
	l := &load{method: "/opentelemetry.proto.collector.trace.v1.TraceService/Export", request: request, items: requestSpans}
	for _, mark := range []string{spanMark, traceMark} {
		text, _ := hex.DecodeString(mark)
		for _, at := range places(request, text) {
			l.numbers = append(l.numbers, at+len(text))
		}
	}
	return l, err
}

// newMetricLoad is a load of data points, so many series of each instrument in a request.
func newMetricLoad(series int) (*load, error) {
	first := time.Now()
	request, err := metricRequest(first, series)
	return &load{
		method: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", request: request, items: series * len(instruments),
		times: places(request, binary.LittleEndian.AppendUint64(nil, uint64(first.UnixNano()))), first: first,
	}, err
}

// places are where text begins in the request.
func places(request, text []byte) (all []int) {
	for at := 0; ; at += len(text) {
		i := bytes.Index(request[at:], text)
		if i < 0 {
			return all
		}
		at += i
		all = append(all, at)
	}
}

// raw passes bytes through gRPC as they are.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error)      { return *v.(*[]byte), nil }
func (raw) Unmarshal(data []byte, v any) error { *v.(*[]byte) = slices.Clone(data); return nil }
func (raw) Name() string                       { return "proto" }

// run sends from so many clients to addr until the time is up, at so many items a second, or as fast as they are taken
// where rate is 0.
func (l *load) run(ctx context.Context, addr string, clients, rate int, length time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	var all sync.WaitGroup
	var paced atomic.Int64
	if err := l.dial(addr, clients); err != nil {
		return err
	}
	begun := time.Now()
	for _, conn := range l.conns[:clients] {
		all.Go(func() {
			for {
				if rate > 0 {
					due := time.Duration(paced.Add(1)) * time.Duration(l.items) * time.Second / time.Duration(rate)
					pause(ctx, due-time.Since(begun))
				}
				if ctx.Err() != nil {
					return
				}
				l.send(context.WithoutCancel(ctx), conn)
			}
		})
	}
	all.Wait()
	return nil
}

// dial sees to it that there are so many connections.
func (l *load) dial(addr string, clients int) error {
	for len(l.conns) < clients {
		conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return err
		}
		l.conns = append(l.conns, conn)
	}
	return nil
}

// close ends the connections.
func (l *load) close() {
	for _, conn := range l.conns {
		_ = conn.Close()
	}
}

// send makes one request, and makes it again for as long as it is told to come again.
func (l *load) send(ctx context.Context, conn *grpc.ClientConn) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	request, answer := l.fill(), []byte(nil)
	for {
		err := conn.Invoke(ctx, l.method, &request, &answer, grpc.ForceCodec(raw{}))
		switch status.Code(err) {
		case codes.OK:
			l.accepted.Add(int64(l.items))
			return
		case codes.ResourceExhausted, codes.Unavailable:
			l.turnedAway.Add(1)
			pause(ctx, wish(err))
		default:
			l.refused.Add(int64(l.items))
			return
		}
		if ctx.Err() != nil {
			l.refused.Add(int64(l.items))
			return
		}
	}
}

// wish is when a sender is to come again.
func wish(err error) time.Duration {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.RetryInfo); ok && info.GetRetryDelay().AsDuration() > 0 {
			return info.GetRetryDelay().AsDuration()
		}
	}
	const usual = 100 * time.Millisecond
	return usual/2 + rand.N(usual)
}

// fill is the request with ids and times of its own.
func (l *load) fill() []byte {
	request := slices.Clone(l.request)
	base := l.next.Add(uint32(l.items)) - uint32(l.items)
	for _, at := range l.numbers {
		n := request[at : at+4]
		binary.BigEndian.PutUint32(n, base+binary.BigEndian.Uint32(n))
	}
	now := l.first.Add(time.Duration(base/uint32(l.items)) * time.Millisecond)
	for _, at := range l.times {
		binary.LittleEndian.PutUint64(request[at:], uint64(now.UnixNano()))
	}
	return request
}
