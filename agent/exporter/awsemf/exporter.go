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
	"github.com/updraft-otel/updraft/agent/internal/logsender"
	"github.com/updraft-otel/updraft/agent/internal/pace"
	"github.com/updraft-otel/updraft/awsapi"
)

// A metricsExporter turns points into documents and sends them.
type metricsExporter struct {
	config  *Config
	set     exporter.Settings
	encoder *encoder
	carrier carrier
	limit   *pace.Limit
	stats   *callstats.Stats
	points  *pointStats
	sender  *logsender.Sender // nil where documents are written

	mu  sync.Mutex
	out io.Writer
}

// words are what the exporter's metrics call things. A document is one event.
var words = callstats.Words{Service: "CloudWatch Logs", Operation: "PutLogEvents", Documents: "events", Items: "documents"}

// ownStream begins the name of the log stream where none is said.
const ownStream = "otel-stream-"

func newExporter(c *Config, set exporter.Settings) (e *metricsExporter, err error) {
	e = &metricsExporter{config: c, set: set, carrier: newCarrier(), limit: pace.New(c.NumWorkers), out: os.Stdout}
	if e.encoder, err = newEncoder(c, newTargets(c, ownStream+strings.ToLower(rand.Text())), set.Logger); err != nil {
		return nil, err
	}
	if e.points, err = newPointStats(set); err != nil {
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
	})
	return nil
}

func (e *metricsExporter) shutdown(context.Context) error {
	e.points.close()
	return e.stats.Close()
}

// push is what exporterhelper calls. It returns nil when every document was taken or refused one by one, an error with
// the documents that are worth another try, or a permanent error when all were refused.
func (e *metricsExporter) push(ctx context.Context, md pmetric.Metrics) error {
	l := newLines()
	defer l.free()
	if !e.carrier.read(md, l) {
		e.encoder.encode(md, l, func(reason string, n int) { e.points.dropped(ctx, reason, n) })
		e.points.worked()
	}
	if e.sender == nil {
		return e.write(l)
	}
	push := e.sender.Begin(ctx)
	for i := range l.list {
		group, stream := names(l.list[i].key)
		push.Add(group, stream, l.list[i].at, i, l.body(i))
	}
	return e.result(l, push.Finish())
}

// result is what exporterhelper is told. What is to be tried again is documents in any case: the points must not come
// again.
func (e *metricsExporter) result(l *lines, r *logsender.Result) error {
	switch {
	case len(r.Again) > 0:
		err := consumererror.NewMetrics(r.Err, e.carrier.metrics(l, r.Again))
		if r.Delay > 0 {
			return exporterhelper.NewThrottleRetry(err, r.Delay)
		}
		return err
	case len(l.list) > 0 && len(r.Refused) >= len(l.list):
		return consumererror.NewPermanent(r.Refusal)
	default:
		return nil
	}
}

// write writes the documents as lines. What is not written for want of a reader is lost, as any program's output is.
func (e *metricsExporter) write(l *lines) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []byte
	var newest time.Time
	for i := range l.list {
		all = append(append(all, l.body(i)...), '\n')
		newest = l.list[i].at
	}
	if len(all) == 0 {
		return nil
	}
	if _, err := e.out.Write(all); err != nil {
		return consumererror.NewPermanent(errors.Join(errOutput, err))
	}
	e.stats.Sent(context.Background(), len(l.list), newest)
	return nil
}

var errOutput = errors.New("write metric documents to standard output")
