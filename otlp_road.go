package updraft

import (
	"context"
	"fmt"
	"net/url"
	"sync/atomic"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/otlp"
	"github.com/updraft-otel/updraft/outbox"
)

// The OTLP roads: to a collector by the standard variables, or to X-Ray's own
// endpoint, signed.

// otlpBatchBytes bounds a request. Receivers of gRPC take 4 MiB unless told
// otherwise, X-Ray takes otlp.MaxXRayBytes.
const otlpBatchBytes = 1 << 20

// otlpProcessor makes the exporter named "otlp" or "xray".
func (b *builder) otlpProcessor(ctx context.Context, name string) (sdktrace.SpanProcessor, error) {
	config, err := otlpEnvironment()
	if name == ExporterXRayOTLP {
		config, err = b.xrayOTLP(ctx, config, err)
	} else if err == nil {
		err = b.signIfAWS(ctx, &config)
	}
	if err != nil {
		return nil, err
	}
	client, err := otlp.New(config)
	if err != nil {
		return nil, err
	}
	b.choices.add("otlp endpoint", config.Endpoint, config.EndpointSource)
	b.choices.add("otlp protocol", config.Protocol, "environment or default")
	queue, err := b.otlpQueue(name, config, client)
	if err != nil {
		return nil, err
	}
	return otlp.NewTraceProcessor(otlp.NewTraceExporter(queue)), nil
}

func (b *builder) otlpQueue(name string, config otlp.Config, client *otlp.Client) (*outbox.Queue, error) {
	limits := outbox.Limits{Bytes: otlpBatchBytes, Overhead: otlp.ItemOverhead}
	if config.Signer != nil {
		limits.Items, limits.ItemBytes, limits.Span = otlp.MaxXRaySpans, otlp.MaxXRaySpanBytes, otlp.MaxXRaySpread
	}
	endpoint := fmt.Sprintf("%s (%s)", config.Endpoint, config.Protocol)
	if config.Signer != nil {
		endpoint = fmt.Sprintf("%s (%s, SigV4)", config.Endpoint, config.Protocol)
	}
	var warning atomic.Value // of string
	warning.Store("")
	queue, err := b.queue("traces", name, endpoint, outbox.Config{
		Limits:  limits,
		Linger:  firstPositive(b.env.traceDelay, traceLinger),
		Workers: traceWorkers,
		Timeout: config.Timeout,
		Send: func(ctx context.Context, batch *outbox.Batch) error {
			rejection, err := client.ExportTraces(ctx, batch.Key(), batch.Len(), batch.Body)
			if err != nil {
				return err
			}
			if rejection.Spans == 0 && rejection.Message != "" {
				warning.Store(rejection.Message)
			}
			return rejectedSpans(batch.Len(), rejection)
		},
	})
	if err == nil {
		b.outlets[len(b.outlets)-1].warning = func() string { return warning.Load().(string) }
	}
	return queue, err
}

// rejectedSpans counts what a receiver left out. It does not say which spans
// those are; none of them is sent again, so any may stand for them.
func rejectedSpans(n int, r otlp.Rejection) error {
	if r.Spans == 0 {
		return nil
	}
	var partial outbox.PartialError
	for i := range int(min(r.Spans, int64(n))) {
		partial.Failed = append(partial.Failed, outbox.ItemError{Index: i, Err: refusal("span rejected: " + r.Message)})
	}
	return &partial
}

// xrayOTLP is the configuration of X-Ray's own endpoint, or of the one that
// AWS_ENDPOINT_URL names. Of the OTLP variables it takes compression, timeout and
// headers; the address and the protocol are X-Ray's.
func (b *builder) xrayOTLP(ctx context.Context, c otlp.Config, err error) (otlp.Config, error) {
	if err != nil {
		return c, err
	}
	client, endpoint, err := b.awsClient(ctx, awsapi.XRay)
	if err != nil {
		return c, err
	}
	if c.Endpoint, err = url.JoinPath(endpoint, otlpTracesPath); err != nil {
		return c, err
	}
	c.EndpointSource, c.Protocol, c.Signer = "AWS configuration", otlp.ProtocolHTTP, client
	return c, nil
}

const otlpTracesPath = "/v1/traces"

// signIfAWS signs for an endpoint of X-Ray's, or one that AWS_SIGV4_SERVICE says
// is AWS's by another name.
func (b *builder) signIfAWS(ctx context.Context, c *otlp.Config) error {
	address, err := url.Parse(c.Endpoint)
	if err != nil {
		return nil // otlp.New says what is wrong
	}
	region, ours := awsapi.XRayHost(address.Hostname())
	switch {
	case ours:
		address.Path = otlpTracesPath // there is no other, and the joining rules are easily mistaken
		c.Endpoint = address.String()
	case b.env.sigV4Service == "":
		return nil
	case b.env.sigV4Service != awsapi.XRay.String():
		return fmt.Errorf("AWS_SIGV4_SERVICE=%q: traces are signed for %q only", b.env.sigV4Service, awsapi.XRay)
	}
	if err := b.loadAWS(ctx); err != nil {
		return err
	}
	if region == "" {
		region = b.aws.Region
	}
	client, err := awsapi.New(awsapi.Config{Service: awsapi.XRay, Region: region, Credentials: b.aws.Credentials})
	if err != nil {
		return err
	}
	c.Signer = client
	return nil
}
