package updraft

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/logs"
	"github.com/updraft-otel/updraft/outbox"
	"github.com/updraft-otel/updraft/xray"
)

// The direct road: encoded documents wait in an outbox, which sends them in
// batches of AWS's size through awsapi. This file is where the three meet.

// How long a batch that is not full waits for more.
const (
	traceLinger  = time.Second
	logLinger    = 5 * time.Second // as Docker's awslogs driver
	metricLinger = 100 * time.Millisecond
)

// maxSegmentsBytes bounds a call of PutTraceSegments. AWS states no limit; 50
// documents of the largest size would be 3.2 MB.
const maxSegmentsBytes = 1 << 20

// traceWorkers is the most calls that carry spans at a time: enough for
// 5,000 spans a second at 200 ms a call with one in ten throttled, which wants
// 23. The outbox uses as few as keep up.
const traceWorkers = 32

// How one attempt, and all attempts at one batch, are bounded.
const (
	sendTimeout = 10 * time.Second
	sendBudget  = 5 * time.Minute
)

var sendRetry = outbox.Retry{Initial: 200 * time.Millisecond, Max: 20 * time.Second, Budget: sendBudget}

// outlet is one exporter's end of the road, as the report sees it.
type outlet struct {
	signal, exporter, endpoint string
	stats                      func() outbox.Stats
	shutdown                   func(context.Context) error
	dropped                    func() map[string]int64 // by the exporter itself; may be nil
	warning                    func() string           // the receiver's; may be nil
}

func (o *outlet) report() SignalReport {
	s := o.stats()
	r := SignalReport{
		Signal: o.signal, Exporter: o.exporter, Endpoint: o.endpoint,
		Accepted: s.Accepted, Delivered: s.Delivered, Queued: s.QueuedItems, Retries: s.Retries,
		Throttled: s.Throttled, PossibleDuplicates: s.PossibleDuplicates, Dropped: s.Dropped, LastError: s.LastError,
		Spooled: s.SpooledItems, Restored: s.Restored,
	}
	if o.warning != nil {
		r.Warning = o.warning()
	}
	if o.dropped != nil {
		r.Dropped = map[string]int64{}
		for _, counts := range []map[string]int64{s.Dropped, o.dropped()} {
			for reason, n := range counts {
				r.Dropped[reason] += n
			}
		}
	}
	return r
}

// loadAWS takes the configuration that was given, or the AWS SDK's default one.
func (b *builder) loadAWS(ctx context.Context) error {
	if b.aws != nil {
		return nil
	}
	cfg := b.config.AWS
	if cfg == nil {
		loaded, err := awsconfig.LoadDefaultConfig(ctx)
		if err != nil {
			return fmt.Errorf("AWS configuration: %w", err)
		}
		cfg = &loaded
	}
	b.aws = cfg
	if cfg.Region != "" {
		b.choices.add("aws region", cfg.Region, "AWS configuration")
	}
	return nil
}

// awsClient makes the client of a service and says where it calls.
func (b *builder) awsClient(ctx context.Context, s awsapi.Service, settings ...func(*awsapi.Config)) (*awsapi.Client, string, error) {
	if err := b.loadAWS(ctx); err != nil {
		return nil, "", err
	}
	if b.aws.Region == "" {
		return nil, "", errors.New("no AWS region: set AWS_REGION, or run `updraft local` and set the variables it prints")
	}
	resolved, err := awsapi.Resolve(ctx, *b.aws, s)
	if err != nil {
		return nil, "", err
	}
	for _, set := range settings {
		set(&resolved)
	}
	client, err := awsapi.New(resolved)
	return client, resolved.Endpoint, err
}

// queue makes the outbox of one exporter and reports it.
func (b *builder) queue(signal, exporter, endpoint string, cfg outbox.Config) (*outbox.Queue, error) {
	cfg.Name = signal
	cfg.MaxBytes = b.config.QueueBytes
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = defaultQueueBytes
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = sendTimeout
	}
	cfg.Retry = sendRetry
	cfg.Notify = func(message string) { fmt.Fprintf(os.Stderr, "updraft: %s\n", message) }
	q, err := b.spooledQueue(cfg, signal+"-"+exporter)
	if err != nil {
		return nil, err
	}
	b.outlets = append(b.outlets, &outlet{signal: signal, exporter: exporter, endpoint: endpoint, stats: q.Stats, shutdown: q.Shutdown})
	return q, nil
}

// spooledQueue makes an outbox with a spool where one is wanted. One that
// cannot be had is a problem to tell, not a reason to have no telemetry.
func (b *builder) spooledQueue(cfg outbox.Config, name string) (*outbox.Queue, error) {
	dir := b.spoolDir()
	if dir == "" {
		return outbox.New(cfg)
	}
	spooled := cfg
	spooled.Spool.Dir = filepath.Join(dir, name)
	spooled.Retry.Budget = 0 // as long as the spool keeps it
	q, err := outbox.New(spooled)
	if err == nil {
		b.choices.add(cfg.Name+" spool", spooled.Spool.Dir, "argument or "+envSpoolDir)
		return q, nil
	}
	if b.config.Strict {
		return nil, err
	}
	b.late = append(b.late, fmt.Errorf("%s: %w; they are in memory alone", cfg.Name, err))
	return outbox.New(cfg)
}

// spoolDir is where queues keep what they hold; "" where they do so in memory.
func (b *builder) spoolDir() string { return firstOf(b.config.SpoolDir, b.env.spoolDir) }

// xrayQueue is the road of segment documents.
func (b *builder) xrayQueue(ctx context.Context) (*outbox.Queue, error) {
	client, endpoint, err := b.awsClient(ctx, awsapi.XRay)
	if err != nil {
		return nil, err
	}
	return b.queue("traces", ExporterXRay, endpoint, outbox.Config{
		Limits:  outbox.Limits{Items: awsapi.MaxSegments, Bytes: maxSegmentsBytes, ItemBytes: xray.MaxDocumentBytes},
		Linger:  firstPositive(b.env.traceDelay, traceLinger),
		Workers: traceWorkers,
		Send: func(ctx context.Context, batch *outbox.Batch) error {
			document := func(i int) ([]byte, bool) { return batch.Body(i), batch.Encoded(i) }
			unprocessed, err := client.PutEscapedTraceSegments(ctx, batch.Len(), document)
			if err != nil {
				return err
			}
			return unprocessedSegments(batch, unprocessed)
		},
	})
}

// unprocessedSegments finds the documents that X-Ray did not take. The answer
// names them by id, but for those whose id X-Ray could not read: those can only
// be told when they are all that the call held.
func unprocessedSegments(batch *outbox.Batch, unprocessed []awsapi.UnprocessedTraceSegment) error {
	var partial outbox.PartialError
	for i := range batch.Len() {
		id := documentID(batch.Body(i))
		for _, u := range unprocessed {
			if u.ID == id || u.ID == "" && len(unprocessed) == batch.Len() {
				partial.Failed = append(partial.Failed, outbox.ItemError{Index: i, Err: u})
				break
			}
		}
	}
	if len(partial.Failed) == 0 {
		return nil
	}
	return &partial
}

// documentID reads the id of a document of ours, escaped or not, where it stands
// behind the name, which has no quotation marks.
func documentID(document []byte) string {
	_, rest, escaped := bytes.Cut(document, []byte(`,\"id\":\"`))
	if !escaped {
		_, rest, _ = bytes.Cut(document, []byte(`,"id":"`))
	}
	end := bytes.IndexAny(rest, `\"`)
	return string(rest[:max(end, 0)])
}

// A logRoad is the road of log events.
type logRoad struct {
	client  *awsapi.Client
	entity  *awsapi.LogEntity
	group   awsapi.LogGroupSettings // of groups that are created
	warning atomic.Value            // of string: what was done without
}

// logsQueue is the road of log events, also of those that are metrics.
func (b *builder) logsQueue(ctx context.Context, signal, exporter, format string) (*outbox.Queue, error) {
	client, endpoint, err := b.awsClient(ctx, awsapi.Logs, func(c *awsapi.Config) { c.LogsFormat = format })
	if err != nil {
		return nil, err
	}
	settings := b.config.LogGroupSettings
	if days := settings.RetentionDays; days != 0 && !slices.Contains(awsapi.RetentionDays(), days) {
		return nil, fmt.Errorf("LogGroupSettings.RetentionDays is %d; CloudWatch Logs takes %v", days, awsapi.RetentionDays())
	}
	road := &logRoad{client: client, entity: b.logEntity(), group: settings}
	road.warning.Store("")
	queue, err := b.queue(signal, exporter, endpoint, outbox.Config{
		Limits: outbox.Limits{
			Items: awsapi.MaxLogEvents, Bytes: awsapi.MaxLogBatchBytes, Overhead: awsapi.LogEventOverhead,
			ItemBytes: awsapi.MaxLogEventBytes, Span: awsapi.LogSpan,
		},
		Linger:  firstPositive(b.env.logDelay, logLinger),
		Workers: 4,
		Send:    road.send,
	})
	if err == nil {
		b.outlets[len(b.outlets)-1].warning = func() string { return road.warning.Load().(string) }
	}
	return queue, err
}

// logEntity is the service as the CloudWatch console knows it; nil where the
// environment is not known, without which there is none.
func (b *builder) logEntity() *awsapi.LogEntity {
	environment := firstOf(attributeOf(b.resource, "deployment.environment.name"), attributeOf(b.resource, "deployment.environment"))
	if environment == "" {
		return nil
	}
	return &awsapi.LogEntity{Service: b.service, Environment: environment}
}

// send sends one batch, and makes its group and stream when they are missing.
func (l *logRoad) send(ctx context.Context, batch *outbox.Batch) error {
	group, stream := logs.SplitKey(batch.Key())
	event := func(i int) (int64, []byte, bool) { return batch.UnixMilli(i), batch.Body(i), batch.Encoded(i) }
	rejected, err := l.client.PutEscapedLogEvents(ctx, group, stream, l.entity, batch.Len(), event)
	if isNotFound(err) {
		if err := l.createStream(ctx, group, stream); err != nil {
			return err
		}
		rejected, err = l.client.PutEscapedLogEvents(ctx, group, stream, l.entity, batch.Len(), event)
	}
	if err != nil {
		return err
	}
	if rejected.Entity != "" {
		l.warning.Store("the entity was not taken: " + rejected.Entity)
	}
	return rejectedLogEvents(batch.Len(), rejected)
}

func isNotFound(err error) bool {
	var refused *awsapi.Error
	return errors.As(err, &refused) && refused.Code == awsapi.CodeResourceNotFound
}

// createStream makes a log stream, and its group if that is missing too.
func (l *logRoad) createStream(ctx context.Context, group, stream string) error {
	err := l.client.CreateLogStream(ctx, group, stream)
	if !isNotFound(err) {
		return err
	}
	created, err := l.client.CreateLogGroup(ctx, group, l.group)
	if err != nil {
		return err
	}
	if created && l.group.RetentionDays > 0 {
		if err := l.client.PutRetentionPolicy(ctx, group, l.group.RetentionDays); err != nil {
			l.warning.Store(err.Error()) // events that stay too long are better than none
		}
	}
	return l.client.CreateLogStream(ctx, group, stream)
}

// rejectedLogEvents names the events that CloudWatch Logs left out.
func rejectedLogEvents(n int, r awsapi.RejectedLogEvents) error {
	var partial outbox.PartialError
	for i := range n {
		if reason := r.Reason(i); reason != "" {
			partial.Failed = append(partial.Failed, outbox.ItemError{Index: i, Err: eventRefusal(reason)})
		}
	}
	if len(partial.Failed) == 0 {
		return nil
	}
	return &partial
}

// eventRefusal says why CloudWatch Logs does not take an event.
func eventRefusal(reason string) refusal {
	switch reason {
	case "too_old":
		return "log event rejected: it is older than 14 days"
	case "too_new":
		return "log event rejected: it is more than 2 hours in the future; check the clock"
	}
	return "log event rejected: it is older than its log group keeps events"
}

// A refusal is why a receiver does not take an item, and will not the next
// time.
type refusal string

func (r refusal) Error() string { return string(r) }

// Retryable tells the outbox not to try again.
func (refusal) Retryable() bool { return false }

func firstOf(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

func firstPositive(ds ...time.Duration) time.Duration {
	for _, d := range ds {
		if d > 0 {
			return d
		}
	}
	return 0
}
