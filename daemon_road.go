package updraft

import (
	"context"
	"fmt"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/otlp"
	"github.com/updraft-otel/updraft/outbox"
	"github.com/updraft-otel/updraft/xray"
)

// The daemon's road: UDP to an X-Ray daemon or agent, segment documents a
// datagram each; inside Lambda OTLP, which the daemon there takes.

// Bounds of what leaves for the daemon at a time. Its socket buffers little
// (212,992 bytes by default on Linux, bookkeeping included) and what it has no
// room for is lost without a word, so bursts are kept short and go one by one.
const (
	daemonLinger  = 5 * time.Millisecond
	daemonBurst   = 32
	daemonWorkers = 1
)

// daemonProcessors makes the exporter "xrayudp".
func (b *builder) daemonProcessors() ([]sdktrace.SpanProcessor, error) {
	source := "AWS_XRAY_DAEMON_ADDRESS"
	if b.env.daemonAddress == "" {
		source = "default"
	}
	address, err := awsapi.ParseDaemonAddress(b.env.daemonAddress)
	if err != nil {
		return nil, fmt.Errorf("AWS_XRAY_DAEMON_ADDRESS: %w", err)
	}
	b.choices.add("x-ray daemon", address.UDP, source)
	daemon, err := awsapi.NewDaemon(address.UDP)
	if err != nil {
		return nil, err
	}
	b.closers = append(b.closers, daemon)
	if b.env.lambda {
		return b.lambdaProcessors(daemon, address.UDP)
	}
	queue, err := b.segmentsToDaemon(daemon, address.UDP)
	if err != nil {
		return nil, err
	}
	return []sdktrace.SpanProcessor{xray.NewProcessor(xray.NewExporter(xray.ExporterConfig{
		Queue: queue, Indexed: b.config.IndexedAttributes, MaxBytes: awsapi.MaxDaemonSegmentBytes,
	}))}, nil
}

func (b *builder) segmentsToDaemon(daemon *awsapi.Daemon, address string) (*outbox.Queue, error) {
	return b.queue("traces", ExporterXRayUDP, "udp://"+address, outbox.Config{
		Limits:  outbox.Limits{Items: daemonBurst, Bytes: awsapi.MaxDatagram},
		Linger:  daemonLinger,
		Workers: daemonWorkers,
		Send: func(ctx context.Context, batch *outbox.Batch) error {
			tooLong, err := daemon.PutSegments(ctx, batch.Len(), batch.Body)
			if err != nil || len(tooLong) == 0 {
				return err
			}
			var partial outbox.PartialError
			for _, i := range tooLong {
				partial.Failed = append(partial.Failed, outbox.ItemError{Index: i, Err: refusal("segment: longer than this system's datagrams")})
			}
			return &partial
		},
	})
}

// lambdaProcessors are two, since a datagram has spans of one kind: sampled
// ones, and those that are recorded for Application Signals alone.
func (b *builder) lambdaProcessors(daemon *awsapi.Daemon, address string) ([]sdktrace.SpanProcessor, error) {
	sampled, err := b.spansToDaemon(daemon, "udp://"+address+" (OTLP)", true)
	if err != nil {
		return nil, err
	}
	unsampled, err := b.spansToDaemon(daemon, "udp://"+address+" (OTLP, not sampled)", false)
	if err != nil {
		return nil, err
	}
	return []sdktrace.SpanProcessor{
		otlp.NewTraceProcessor(otlp.NewTraceExporter(sampled)),
		otlp.NewUnsampledProcessor(otlp.NewTraceExporter(unsampled)),
	}, nil
}

func (b *builder) spansToDaemon(daemon *awsapi.Daemon, endpoint string, sampled bool) (*outbox.Queue, error) {
	return b.queue("traces", ExporterXRayUDP, endpoint, outbox.Config{
		Limits:  outbox.Limits{Bytes: awsapi.MaxDaemonOTLPBytes, Overhead: otlp.ItemOverhead},
		Linger:  daemonLinger,
		Workers: daemonWorkers,
		Send: func(ctx context.Context, batch *outbox.Batch) error {
			request := otlp.AppendTraces(nil, batch.Key(), batch.Len(), batch.Body)
			return daemon.PutOTLP(ctx, request, sampled) // too long with its resource: the outbox halves it
		},
	})
}
