package updraft

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
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
		err = b.signIfAWS(ctx, &config, awsapi.XRay, otlpTracesPath)
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
		limits.Items, limits.ItemBytes, limits.Span = otlp.MaxXRaySpans, otlp.MaxXRaySpanBytes, otlp.MaxAWSSpread
	}
	return b.otlpOutbox("traces", name, config, outbox.Config{
		Limits:  limits,
		Linger:  firstPositive(b.env.traceDelay, traceLinger),
		Workers: traceWorkers,
	}, client.ExportTraces)
}

// export sends items of one resource; it is a method of otlp.Client.
type export func(ctx context.Context, resource string, n int, item func(i int) []byte) (otlp.Rejection, error)

// otlpOutbox is the queue of a signal that leaves by OTLP.
func (b *builder) otlpOutbox(signal, name string, config otlp.Config, c outbox.Config, send export) (*outbox.Queue, error) {
	endpoint := fmt.Sprintf("%s (%s)", config.Endpoint, config.Protocol)
	if config.Signer != nil {
		endpoint = fmt.Sprintf("%s (%s, SigV4)", config.Endpoint, config.Protocol)
	}
	var warning atomic.Value // of string
	warning.Store("")
	c.Timeout = config.Timeout
	c.Send = func(ctx context.Context, batch *outbox.Batch) error {
		rejection, err := send(ctx, batch.Key(), batch.Len(), batch.Body)
		if err != nil {
			return err
		}
		if rejection.Items == 0 && rejection.Message != "" {
			warning.Store(rejection.Message)
		}
		return rejectedItems(signal, batch.Len(), rejection)
	}
	queue, err := b.queue(signal, name, endpoint, c)
	if err == nil {
		b.outlets[len(b.outlets)-1].warning = func() string { return warning.Load().(string) }
	}
	return queue, err
}

// rejectedItems counts what a receiver left out. It does not say which items
// those are; none of them is sent again, so any may stand for them.
func rejectedItems(signal string, n int, r otlp.Rejection) error {
	if r.Items == 0 {
		return nil
	}
	what := map[string]string{"logs": "log record", "metrics": "data point"}[signal]
	if what == "" {
		what = "span"
	}
	var partial outbox.PartialError
	for i := range int(min(r.Items, int64(n))) {
		partial.Failed = append(partial.Failed, outbox.ItemError{Index: i, Err: refusal(what + " rejected: " + r.Message)})
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

// Paths of AWS's endpoints.
const (
	otlpTracesPath  = "/v1/traces"
	otlpLogsPath    = "/v1/logs"
	otlpMetricsPath = "/v1/metrics"
)

// signIfAWS signs for an endpoint of a service's, or one that AWS_SIGV4_SERVICE
// says is AWS's by another name, unless the headers have an Authorization.
func (b *builder) signIfAWS(ctx context.Context, c *otlp.Config, service awsapi.Service, path string) error {
	address, err := url.Parse(c.Endpoint)
	if err != nil {
		return nil // otlp.New says what is wrong
	}
	region, ours := awsapi.RegionOfHost(service, address.Hostname())
	named, err := b.env.signs(service)
	if err != nil {
		return err
	}
	switch {
	case ours:
		address.Path = path // there is no other, and the joining rules are easily mistaken
		c.Endpoint = address.String()
	case !named:
		return nil
	}
	for name := range c.Headers {
		if strings.EqualFold(name, "Authorization") { // a bearer token
			return nil
		}
	}
	if err := b.loadAWS(ctx); err != nil {
		return err
	}
	if region == "" {
		region = b.aws.Region
	}
	client, err := awsapi.New(awsapi.Config{Service: service, Region: region, Credentials: b.aws.Credentials})
	if err != nil {
		return err
	}
	c.Signer = client
	return nil
}

// signs tells whether AWS_SIGV4_SERVICE, a list, names the service.
func (e *environment) signs(service awsapi.Service) (bool, error) {
	services := []awsapi.Service{awsapi.XRay, awsapi.Logs, awsapi.CloudWatch}
	found := false
	for name := range strings.SplitSeq(e.sigV4Service, ",") {
		name = strings.TrimSpace(name)
		if name != "" && !slices.ContainsFunc(services, func(s awsapi.Service) bool { return s.String() == name }) {
			return false, fmt.Errorf("AWS_SIGV4_SERVICE=%q: %q is none of %s, %s, %s", e.sigV4Service, name, services[0], services[1], services[2])
		}
		found = found || name == service.String()
	}
	return found, nil
}
