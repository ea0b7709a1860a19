package logs

import (
	"log/slog"
	"maps"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// source is where r was logged, in the names of OpenTelemetry's conventions.
// https://opentelemetry.io/docs/specs/semconv/registry/attributes/code/
func source(r slog.Record) []attribute.KeyValue {
	src := r.Source()
	if src == nil {
		return nil
	}
	return []attribute.KeyValue{
		attribute.String("code.file.path", src.File),
		attribute.Int("code.line.number", src.Line),
		attribute.String("code.function.name", src.Function),
	}
}

// A sourceCache has the attributes of source as a lineWriter has them, by
// the record's program counter: a program logs from the same places again and
// again, and looking one up takes longer than the rest of the line. The zero
// value works, from any goroutine.
type sourceCache struct {
	known atomic.Pointer[map[uintptr][]byte] // never changed, but replaced
}

// maxSources bounds what a cache holds; most programs have fewer places.
const maxSources = 4096

func (c *sourceCache) json(r *slog.Record) []byte {
	known := c.known.Load()
	if known != nil {
		if members, ok := (*known)[r.PC]; ok {
			return members
		}
	}
	var members []byte
	for _, kv := range source(*r) {
		if len(members) > 0 {
			members = append(members, ',')
		}
		members = append(appendjson.String(members, string(kv.Key)), ':')
		members = appendjson.Value(members, kv.Value)
	}
	members = appendjson.EscapeFrom(members, 0)
	more := map[uintptr][]byte{}
	if known != nil {
		more = maps.Clone(*known)
	}
	if len(more) < maxSources {
		more[r.PC] = members
		c.known.CompareAndSwap(known, &more) // who comes late looks it up again
	}
	return members
}
