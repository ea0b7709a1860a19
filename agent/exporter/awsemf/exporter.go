package awsemf

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/updraft-otel/updraft/agent/internal/awsclient"
	"github.com/updraft-otel/updraft/agent/internal/callstats"
	"github.com/updraft-otel/updraft/agent/internal/encoded"
	"github.com/updraft-otel/updraft/agent/internal/logsender"
	"github.com/updraft-otel/updraft/agent/internal/pace"
	"github.com/updraft-otel/updraft/awsapi"
)

// A metricsExporter turns points into documents and sends them.
type metricsExporter struct {
	config  *Config
	set     exporter.Settings
	encoder *encoder
	carrier encoded.Carrier
	spare   encoded.Pool
	limit   *pace.Limit
	stats   *callstats.Stats
	points  *callstats.Points
	sender  *logsender.Sender // nil where documents are written

	mu  sync.Mutex
	out io.Writer
}

// words are what the exporter's metrics call things. A document is one event.
var words = callstats.Words{Service: "CloudWatch Logs", Operation: "PutLogEvents", Documents: "events", Items: "documents"}

// ownStream begins the name of the log stream where none is said.
const ownStream = "otel-stream-"

func newExporter(c *Config, set exporter.Settings) (e *metricsExporter, err error) {
	e = &metricsExporter{config: c, set: set, carrier: encoded.NewCarrier(), limit: pace.New(c.NumWorkers), out: os.Stdout}
	if e.encoder, err = newEncoder(c, newTargets(c, ownStream+strings.ToLower(rand.Text())), set.Logger); err != nil {
		return nil, err
	}
	if e.points, err = callstats.NewPoints(set); err != nil {
		return nil, err
	}
	e.stats, err = callstats.New(set, words, e.limit)
	return e, err
}

// start connects. It asks for a region and makes no call yet.
func (e *metricsExporter) start(ctx context.Context, _ component.Host) error {
	if e.config.stdout() {
		return nil
	}
	client, err := e.config.Client(ctx, awsapi.Logs, awsclient.UserAgent(e.set.BuildInfo), func(c *awsapi.Config) { c.LogsFormat = awsapi.FormatEMF })
	if err != nil {
		return fmt.Errorf("%s: %w", e.set.ID, err)
	}
	e.sender = logsender.New(logsender.Config{
		Client: client, Group: e.config.Keys.Settings(), Limit: e.limit, Stats: e.stats, Logger: e.set.Logger,
		Attempts: e.config.Attempts(), RequestTimeout: e.config.RequestTimeout(),
		Escaped:   e.config.escaped(),
		Unordered: true, // a document has its own time, and metrics no order
	})
	return nil
}

func (e *metricsExporter) shutdown(context.Context) error {
	e.points.Close()
	return e.stats.Close()
}

// push is what exporterhelper calls. It returns nil when every document was taken or refused one by one, an error with
// the documents that are worth another try, or a permanent error when all were refused.
func (e *metricsExporter) push(ctx context.Context, md pmetric.Metrics) error {
	l := e.spare.Get()
	defer e.spare.Put(l)
	if !e.carrier.Read(l, md) {
		e.encoder.encode(md, l,
			func(reason string, n int) { e.points.Dropped(ctx, reason, n) },
			func(n int, why error) { e.points.Panicked(ctx, n, why) })
		e.points.Worked()
	}
	if e.sender == nil {
		return e.write(l)
	}
	push := e.sender.Begin(ctx)
	for i := range l.Len() {
		group, stream := names(l.Key(i))
		push.Add(group, stream, time.UnixMilli(l.At(i)), i, l.Body(i))
	}
	return e.result(l, push.Finish())
}

// result is what exporterhelper is told. What is to be tried again is documents in any case: the points must not come
// again.
func (e *metricsExporter) result(l *encoded.Items, r *logsender.Result) error {
	switch {
	case len(r.Again) > 0:
		err := consumererror.NewMetrics(r.Err, e.carrier.Metrics(l, r.Again))
		if r.Delay > 0 {
			return exporterhelper.NewThrottleRetry(err, r.Delay)
		}
		return err
	case l.Len() > 0 && len(r.Refused) >= l.Len():
		return consumererror.NewPermanent(r.Refusal)
	default:
		return nil
	}
}

// write writes the documents as lines. What is not written for want of a reader is lost, as any program's output is.
func (e *metricsExporter) write(l *encoded.Items) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if l.Len() == 0 {
		return nil
	}
	var all []byte
	for i := range l.Len() {
		all = append(append(all, l.Body(i)...), '\n')
	}
	if _, err := e.out.Write(all); err != nil {
		return consumererror.NewPermanent(errors.Join(errOutput, err))
	}
	e.stats.Sent(context.Background(), l.Len(), time.UnixMilli(l.At(l.Len()-1)))
	return nil
}

var errOutput = errors.New("write metric documents to standard output")
