package otlp

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// typical is a server span with what HTTP instrumentation gives it.
func typical() *Span {
	return &Span{
		Scope:    Scope{Name: "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp", Version: "0.72.0"},
		TraceID:  trace.TraceID{0x65, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
		SpanID:   trace.SpanID{1, 2, 3, 4, 5, 6, 7, 8},
		ParentID: trace.SpanID{8, 7, 6, 5, 4, 3, 2, 1}, Remote: true, Flags: trace.FlagsSampled,
		Kind: trace.SpanKindServer, Name: "GET /api/products",
		Start: time.Unix(1_700_000_000, 1), End: time.Unix(1_700_000_000, 250_000_001),
		Attributes: []attribute.KeyValue{
			attribute.String("http.request.method", "GET"), attribute.String("url.scheme", "http"),
			attribute.String("server.address", "shop.example.com"), attribute.Int("server.port", 8080),
			attribute.String("url.path", "/api/products"), attribute.String("network.peer.address", "10.0.0.4"),
			attribute.String("user_agent.original", "curl/8.5"), attribute.String("http.route", "/api/products"),
			attribute.Int("http.response.status_code", 200), attribute.String("network.protocol.version", "1.1"),
		},
	}
}

func TestAppendTraces_bytes(t *testing.T) {
	// By hand, from the definitions of opentelemetry-proto.
	const want = "0a72" + // resource_spans
		"0a0c" + "0a0a" + "0a01" + "6b" + "1205" + "0a03" + "c3a9" + "21" + // resource {k: "é!"}
		"1a0173" + // schema_url "s"
		"125f" + // scope_spans
		"0a06" + "0a016e" + "120176" + // scope n v
		"1255" + // span
		"0a10" + "000102030405060708090a0b0c0d0e0f" +
		"1208" + "0102030405060708" +
		"2208" + "0807060504030201" +
		"2a0161" + // name
		"3002" + // kind server
		"39" + "0100000000000000" + "41" + "0200000000000000" +
		"4a09" + "0a0169" + "1204" + "18ffff03" + // i: 65535
		"7a05" + "1201" + "78" + "1802" + // status
		"850101030000" // flags
	s := Span{
		Scope: Scope{Name: "n", Version: "v"}, Name: "a", Kind: trace.SpanKindServer,
		TraceID: trace.TraceID{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
		SpanID:  trace.SpanID{1, 2, 3, 4, 5, 6, 7, 8}, ParentID: trace.SpanID{8, 7, 6, 5, 4, 3, 2, 1},
		Remote: true, Flags: trace.FlagsSampled,
		Start: time.Unix(0, 1), End: time.Unix(0, 2),
		Attributes: []attribute.KeyValue{attribute.Int("i", 65535)},
		Status:     codes.Error, StatusMessage: "x",
	}
	resource := string(AppendResource(nil, &Resource{Attributes: []attribute.KeyValue{attribute.String("k", "é!")}, SchemaURL: "s"}))
	item := AppendItem(nil, &s)
	got := hex.EncodeToString(AppendTraces(nil, resource, 1, func(int) []byte { return item }))
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAppendTraces_groupsScopes(t *testing.T) {
	f := func(scopes, want string) {
		t.Helper()
		items := make([][]byte, len(scopes))
		for i, name := range []byte(scopes) {
			items[i] = AppendItem(nil, &Span{Scope: Scope{Name: string(name)}, Name: string(rune('0' + i))})
		}
		body := AppendTraces([]byte("head"), "", len(items), func(i int) []byte { return items[i] })
		var got strings.Builder
		for _, rs := range fields(t, body[len("head"):], 1) {
			for _, ss := range fields(t, rs, 2) {
				got.Write(fields(t, fields(t, ss, 1)[0], 1)[0])
				for _, span := range fields(t, ss, 2) {
					got.Write(fields(t, span, 5)[0])
				}
			}
		}
		if got.String() != want {
			t.Errorf("scopes %s: got %s, want %s", scopes, got.String(), want)
		}
	}
	f("a", "a0")
	f("aaa", "a012")
	f("aba", "a02b1")
	f("abcabc", "a03b14c25")
}

// fields returns the messages and strings of one field.
func fields(t *testing.T, message []byte, field int) [][]byte {
	t.Helper()
	var found [][]byte
	for f := range eachField(message) {
		if f.number == field {
			found = append(found, f.bytes)
		}
	}
	return found
}

func TestAppendItem_noAllocation(t *testing.T) {
	s := typical()
	buf := AppendItem(nil, s)
	if n := testing.AllocsPerRun(100, func() { buf = AppendItem(buf[:0], s) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func TestAppendString_invalid(t *testing.T) {
	if got, want := string(appendString(nil, 1, "a\xffb")), "\n\x05a\uFFFDb"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
