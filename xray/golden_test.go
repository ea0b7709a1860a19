package xray

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// golden returns a function that compares the document of a span with the one
// that testdata/<topic>.golden.json has under the name of the case. A span that
// is split has two, the second under the name and ", the service". go test
// -update writes the file anew.
//
// The files hold documents as X-Ray is to have them, without Compat: what the
// collector's exporter makes need not be valid, its names above all. In that
// mode a case must only be JSON.
func golden(t *testing.T, topic string) func(name string, s *Segment) {
	t.Helper()
	g := &goldenFile{path: filepath.Join("testdata", topic+".golden.json"), seen: map[string]bool{}}
	if !*update {
		g.read(t)
	}
	t.Cleanup(func() { g.finish(t) })
	return func(name string, s *Segment) {
		t.Helper()
		compat := *s
		compat.Compat = true
		for _, of := range splitOf(&compat) {
			document := AppendSegment(nil, of)
			if !json.Valid(document) {
				t.Errorf("%s: not JSON with Compat: %s", name, document)
			}
			checkEscaped(t, of, document)
		}
		for i, of := range splitOf(s) {
			g.compare(t, name+[...]string{"", ", the service"}[i], of)
		}
	}
}

func splitOf(s *Segment) []*Segment {
	if service, split := s.Split(); split {
		return []*Segment{s, &service}
	}
	return []*Segment{s}
}

type goldenFile struct {
	path string
	want map[string]json.RawMessage
	seen map[string]bool
	got  bytes.Buffer // the members of the new file
}

func (g *goldenFile) read(t *testing.T) {
	t.Helper()
	content, err := os.ReadFile(g.path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &g.want); err != nil {
		t.Fatalf("%s: %v", g.path, err)
	}
}

func (g *goldenFile) compare(t *testing.T, name string, s *Segment) {
	t.Helper()
	document := AppendSegment(nil, s)
	if err := checkDocument(document); err != nil {
		t.Errorf("%s: %v: %s", name, err, document)
	}
	if again := AppendSegment(nil, s); !bytes.Equal(document, again) {
		t.Errorf("%s: encoded again it is %s, not %s", name, again, document)
	}
	checkEscaped(t, s, document)
	if g.seen[name] {
		t.Errorf("%s: two cases have this name", name)
	}
	g.seen[name] = true
	if *update {
		fmt.Fprintf(&g.got, "%q:%s,", name, document)
		return
	}
	var want bytes.Buffer
	if err := json.Compact(&want, g.want[name]); err != nil && g.want[name] != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(document, want.Bytes()) {
		t.Errorf("%s: the document changed; read the difference, then go test -update\n got %s\nwant %s", name, document, want.Bytes())
	}
}

// checkEscaped finds the document of s written escaped the same as what a call
// would make of it.
func checkEscaped(t *testing.T, s *Segment, document []byte) {
	t.Helper()
	want := string(appendjson.EscapeFrom(slices.Clone(document), 0))
	if got := string(AppendEscaped(nil, s)); got != want {
		t.Errorf("escaped, the document is\n got %s\nwant %s", got, want)
	}
	var read string
	if err := json.Unmarshal([]byte(`"`+want+`"`), &read); err != nil || read != string(document) {
		t.Errorf("%s is read as %s, %v, want %s", want, read, err, document)
	}
}

// finish writes the file, or finds documents without a case.
func (g *goldenFile) finish(t *testing.T) {
	if !*update {
		for name := range g.want {
			if !g.seen[name] {
				t.Errorf("%s: %q has no case any more", g.path, name)
			}
		}
		return
	}
	var file bytes.Buffer
	members := bytes.TrimSuffix(g.got.Bytes(), []byte(","))
	if err := json.Indent(&file, fmt.Appendf(nil, "{%s}\n", members), "", "  "); err != nil {
		t.Fatalf("%s: %v", g.path, err)
	}
	if err := os.WriteFile(g.path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// attrs are attributes of the keys and values in turn.
func attrs(pairs ...any) []attribute.KeyValue {
	list := make([]attribute.KeyValue, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		kv := attribute.KeyValue{Key: attribute.Key(pairs[i].(string))}
		switch v := pairs[i+1].(type) {
		case string:
			kv.Value = attribute.StringValue(v)
		case int:
			kv.Value = attribute.IntValue(v)
		case float64:
			kv.Value = attribute.Float64Value(v)
		case bool:
			kv.Value = attribute.BoolValue(v)
		case []string:
			kv.Value = attribute.StringSliceValue(v)
		case attribute.Value:
			kv.Value = v
		default:
			panic(fmt.Sprintf("%s: no attribute of type %T", pairs[i], v))
		}
		list = append(list, kv)
	}
	return list
}

// spanOf is a span of a service that says nothing but its name. All but
// servers and consumers have a parent.
func spanOf(kind trace.SpanKind, name string, pairs ...any) *Segment {
	s := &Segment{
		TraceID: traceID, SpanID: spanID, Kind: kind, Name: name, Start: start, End: start.Add(25 * time.Millisecond),
		Attributes: attrs(pairs...), Resource: NewResource(attrs("service.name", "shop")),
	}
	if kind != trace.SpanKindServer && kind != trace.SpanKindConsumer {
		s.ParentID = parentID
	}
	return s
}

func serverOf(pairs ...any) *Segment   { return spanOf(trace.SpanKindServer, "GET /cart", pairs...) }
func clientOf(pairs ...any) *Segment   { return spanOf(trace.SpanKindClient, "GET", pairs...) }
func producerOf(pairs ...any) *Segment { return spanOf(trace.SpanKindProducer, "send", pairs...) }
func consumerOf(pairs ...any) *Segment { return spanOf(trace.SpanKindConsumer, "receive", pairs...) }
func internalOf(pairs ...any) *Segment { return spanOf(trace.SpanKindInternal, "price cart", pairs...) }

// on is the span of a service with these attributes of its resource.
func on(s *Segment, pairs ...any) *Segment {
	s.Resource = NewResource(attrs(pairs...))
	return s
}

// with is the span, changed.
func with(s *Segment, change func(s *Segment)) *Segment {
	change(s)
	return s
}
