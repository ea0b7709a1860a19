package awscloudwatchlogs

import (
	"cmp"
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/updraft-otel/updraft/agent/internal/contain"
	"github.com/updraft-otel/updraft/agent/internal/logsender"
	"github.com/updraft-otel/updraft/logs"
)

// A push sends what the queue handed over.
type push struct {
	*logsExporter
	*logsender.Push
	now     time.Time
	lines   *lines
	records int
	encoder encoder
}

// lines are those of one push, one after the other.
type lines struct{ data []byte }

// The buffer of new lines, and the largest that is used again.
const (
	firstLines = 64 << 10
	maxKept    = 8 << 20
)

func (e *logsExporter) newLines() *lines {
	l := e.spare.Get()
	if l == nil {
		return &lines{make([]byte, 0, firstLines)}
	}
	l.data = l.data[:0]
	return l
}

func (e *logsExporter) free(l *lines) {
	if cap(l.data) <= maxKept {
		e.spare.Put(l)
	}
}

// push is what exporterhelper calls. It returns nil when every record was taken or refused one by one, an error with the
// records that are worth another try, or a permanent error when all were refused.
func (e *logsExporter) push(ctx context.Context, all plog.Logs) error {
	p := &push{logsExporter: e, Push: e.sender.Begin(ctx), now: e.now(), lines: e.newLines(), encoder: encoder{compat: e.config.Compat}}
	defer e.free(p.lines)
	for _, rl := range all.ResourceLogs().All() {
		p.addResource(rl)
	}
	return p.Finish().Error(p.records, func(err error, again []int) error { return consumererror.NewLogs(err, only(all, again)) })
}

// addResource adds the records of a resource. Where that panics the record at fault is refused, or all of the resource or
// the scope at fault.
func (p *push) addResource(rl plog.ResourceLogs) {
	var from *source
	failed := contain.Call(func() {
		from = p.sources.Of(rl.Resource().Attributes())
		p.encoder.begin(from)
	})
	for _, sl := range rl.ScopeLogs().All() {
		failed := cmp.Or(failed, contain.Call(func() { p.encoder.beginScope(sl.Scope()) }))
		for _, record := range sl.LogRecords().All() {
			err := failed
			if err == nil {
				err = contain.Call(func() { p.add(record, from.to) })
			}
			if err != nil {
				p.Refuse(p.records, contain.Reason, err)
			}
			p.records++
		}
	}
}

// A destination is a log group and a stream.
type destination struct{ group, stream string }

// errNotEMF is why emf_only leaves a body out.
var errNotEMF = errors.New("emf_only is set and the body is no metric document that names a log group")

const reasonNotEMF = "not_emf"

// add encodes a record and adds its event, or the several of a raw body longer than one.
func (p *push) add(record plog.LogRecord, to destination) {
	at := p.timeOf(record)
	start := len(p.lines.data)
	if !p.config.RawLog {
		p.lines.data = p.encoder.append(p.lines.data, record)
		p.Add(to.group, to.stream, at, p.records, p.lines.data[start:])
		return
	}
	p.lines.data = p.encoder.appendRaw(p.lines.data, record)
	line := p.lines.data[start:]
	own, isEMF := destinationOf(line, to)
	if p.config.EMFOnly && !isEMF {
		p.Refuse(p.records, reasonNotEMF, errNotEMF)
		return
	}
	_ = logs.EachPiece(line, func(piece []byte) error {
		p.Add(own.group, own.stream, at, p.records, piece)
		return nil
	})
}

// timeOf is when a record happened, or was observed; the collector's exporter, for which compat stands, takes the present
// instead of the latter.
func (p *push) timeOf(record plog.LogRecord) time.Time {
	for _, t := range []pcommon.Timestamp{record.Timestamp(), record.ObservedTimestamp()} {
		if t != 0 {
			return t.AsTime()
		}
		if p.config.Compat {
			break
		}
	}
	return p.now
}

// only is the part of all whose records have these numbers, in order.
func only(all plog.Logs, numbers []int) plog.Logs {
	part := plog.NewLogs()
	n := 0 // the next record's number
	for _, rl := range all.ResourceLogs().All() {
		var resource plog.ResourceLogs
		made := false
		for _, sl := range rl.ScopeLogs().All() {
			var scope plog.ScopeLogs
			begun := false
			for _, record := range sl.LogRecords().All() {
				n++
				if len(numbers) == 0 || numbers[0] != n-1 {
					continue
				}
				numbers = numbers[1:]
				if !made {
					made, resource = true, part.ResourceLogs().AppendEmpty()
					rl.Resource().CopyTo(resource.Resource())
					resource.SetSchemaUrl(rl.SchemaUrl())
				}
				if !begun {
					begun, scope = true, resource.ScopeLogs().AppendEmpty()
					sl.Scope().CopyTo(scope.Scope())
					scope.SetSchemaUrl(sl.SchemaUrl())
				}
				record.CopyTo(scope.LogRecords().AppendEmpty())
			}
		}
	}
	return part
}
