package awsxray

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"go.uber.org/zap"

	"github.com/updraft-otel/updraft/awsapi"
)

// How records are kept and sent: as AWS's daemon does.
// https://github.com/aws/aws-xray-daemon/blob/master/pkg/telemetry/telemetry.go
const (
	recordInterval = time.Minute
	keptRecords    = 30
	recordTimeout  = 10 * time.Second
)

// records tells X-Ray once a minute how sending goes, if there was something to send.
type records struct {
	client *awsapi.Client
	source awsapi.TelemetrySource
	logger *zap.Logger

	mu   sync.Mutex
	open awsapi.TelemetryRecord

	kept   []awsapi.TelemetryRecord // oldest first; the goroutine's
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// startRecords begins to tell of client's calls, until close.
func startRecords(ctx context.Context, client *awsapi.Client, source awsapi.TelemetrySource, logger *zap.Logger) *records {
	r := &records{client: client, source: source, logger: logger}
	ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	r.done.Go(func() { r.run(ctx) })
	return r
}

func (r *records) run(ctx context.Context) {
	tick := time.NewTicker(recordInterval)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			r.rotate(now)
			r.send(ctx)
		case <-ctx.Done():
			r.rotate(time.Now())
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
			r.send(last)
			cancel()
			return
		}
	}
}

// rotate ends the open record, if anything happened in its minute. Of more than are kept the oldest goes.
func (r *records) rotate(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open == (awsapi.TelemetryRecord{}) {
		return
	}
	r.open.Timestamp = float64(now.UnixMilli()) / 1000
	r.kept = append(r.kept, r.open)
	r.kept = r.kept[max(0, len(r.kept)-keptRecords):]
	r.open = awsapi.TelemetryRecord{}
}

// send sends what is kept, the newest first. What does not arrive stays.
func (r *records) send(ctx context.Context) {
	for len(r.kept) > 0 {
		from := max(0, len(r.kept)-awsapi.MaxTelemetryRecords)
		call, cancel := context.WithTimeout(ctx, recordTimeout)
		err := r.client.PutTelemetryRecords(call, r.source, r.kept[from:])
		cancel()
		if err != nil {
			r.logger.Debug("Telemetry records are not sent; they are kept for the next minute", zap.Error(err))
			return
		}
		r.kept = r.kept[:from]
	}
}

func (r *records) close() {
	r.cancel()
	r.done.Wait()
}

// count changes the open record. Without records it does nothing.
func (r *records) count(change func(*awsapi.TelemetryRecord)) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.open)
}

// failed counts a call that did not work by its kind.
func (r *records) failed(err error) {
	r.count(func(t *awsapi.TelemetryRecord) {
		errs := &t.BackendConnectionErrors
		var e *awsapi.Error
		var dns *net.DNSError
		var timeout interface{ Timeout() bool }
		switch {
		case errors.As(err, &e) && e.StatusCode >= 500:
			errs.HTTPCode5XXCount++
		case errors.As(err, &e) && e.StatusCode >= 400:
			errs.HTTPCode4XXCount++
		case errors.Is(err, syscall.ECONNREFUSED):
			errs.ConnectionRefusedCount++
		case errors.As(err, &dns):
			errs.UnknownHostCount++
		case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
			errs.TimeoutCount++
		default:
			errs.OtherCount++
		}
	})
}

// telemetrySource says who sends: what was configured, then the environment, then the EC2 metadata service.
func (c *Config) telemetrySource(ctx context.Context) awsapi.TelemetrySource {
	t := c.TelemetryConfig
	s := awsapi.TelemetrySource{Hostname: t.Hostname, EC2InstanceID: t.InstanceID, ResourceARN: t.ResourceARN}
	if s.ResourceARN == "" {
		s.ResourceARN = c.ResourceARN
	}
	if !t.IncludeMetadata {
		return s
	}
	for _, find := range []struct {
		into           *string
		variable, path string
	}{{&s.Hostname, "AWS_HOSTNAME", "hostname"}, {&s.EC2InstanceID, "AWS_INSTANCE_ID", "instance-id"}} {
		if *find.into == "" {
			*find.into = os.Getenv(find.variable)
		}
		if *find.into == "" && !c.LocalMode {
			*find.into = strings.TrimSpace(c.InstanceMetadata(ctx, find.path))
		}
	}
	return s
}
