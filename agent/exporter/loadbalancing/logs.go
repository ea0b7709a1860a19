package loadbalancing

import (
	"encoding/binary"
	"math/rand/v2"

	"go.opentelemetry.io/collector/pdata/plog"
)

// A logsPart is one collector's share, and where the last record of it came from.
type logsPart struct {
	logs  plog.Logs
	scope plog.ScopeLogs
	r, s  int
}

// splitLogs copies each record to the share of the collector that its key belongs to.
func splitLogs(data plog.Logs, key *key, choose chooser) map[int]plog.Logs {
	parts := map[int]*logsPart{}
	of := recordKey{key: key}
	for r, rl := range data.ResourceLogs().All() {
		of.resource(rl)
		for s, sl := range rl.ScopeLogs().All() {
			of.scope(sl)
			for _, record := range sl.LogRecords().All() {
				owner := choose(of.record(record))
				part := parts[owner]
				if part == nil {
					part = &logsPart{logs: plog.NewLogs(), r: -1}
					parts[owner] = part
				}
				if part.r != r || part.s != s {
					part.begin(rl, sl, r, s)
				}
				record.CopyTo(part.scope.LogRecords().AppendEmpty())
			}
		}
	}
	shares := make(map[int]plog.Logs, len(parts))
	for owner, part := range parts {
		shares[owner] = part.logs
	}
	return shares
}

func (p *logsPart) begin(rl plog.ResourceLogs, sl plog.ScopeLogs, r, s int) {
	to := p.logs.ResourceLogs().AppendEmpty()
	rl.Resource().CopyTo(to.Resource())
	to.SetSchemaUrl(rl.SchemaUrl())
	p.scope = to.ScopeLogs().AppendEmpty()
	sl.Scope().CopyTo(p.scope.Scope())
	p.scope.SetSchemaUrl(sl.SchemaUrl())
	p.r, p.s = r, s
}

// A recordKey makes the keys of records, in one piece of memory: first what the resource has of it, then what the scope
// has, then the rest.
type recordKey struct {
	*key
	buf                  []byte
	ofResource, ofScope  int      // how much of buf they made
	missing, missingLast []string // attributes that the resource does not have, and the scope neither
}

func (k *recordKey) resource(rl plog.ResourceLogs) {
	k.buf, k.missing = k.buf[:0], nil
	switch k.by {
	case byService:
		k.buf = service(k.buf, rl.Resource())
	case byResource:
		k.buf = appendAll(k.buf, rl.Resource().Attributes())
	case byAttributes:
		k.buf, k.missing = appendFound(k.buf, k.attributes, rl.Resource().Attributes())
	}
	k.ofResource = len(k.buf)
}

func (k *recordKey) scope(sl plog.ScopeLogs) {
	k.buf, k.missingLast = appendFound(k.buf[:k.ofResource], k.missing, sl.Scope().Attributes())
	k.ofScope = len(k.buf)
}

// record is the key of a record. By trace it is that of the trace's spans; a record of no trace may go anywhere.
func (k *recordKey) record(record plog.LogRecord) []byte {
	k.buf = k.buf[:k.ofScope]
	if k.by == byTrace {
		if id := record.TraceID(); !id.IsEmpty() {
			k.buf = append(k.buf, id[:]...)
		} else {
			k.buf = binary.LittleEndian.AppendUint64(k.buf, rand.Uint64())
		}
		return k.buf
	}
	if len(k.missingLast) == 0 {
		return k.buf
	}
	k.buf = appendLast(k.buf, k.missingLast, func(name string) (string, bool) {
		switch name {
		case "log.severity":
			return record.SeverityText(), true
		case "log.body":
			return record.Body().AsString(), true
		}
		return "", false
	}, record.Attributes())
	return k.buf
}
