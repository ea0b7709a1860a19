package xray

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
)

func TestGolden_annotations(t *testing.T) {
	f := golden(t, "annotations")
	all := func(s *Segment) *Segment {
		s.IndexAll = true
		return s
	}
	indexed := func(s *Segment, keys ...string) *Segment {
		s.Indexed = keys
		return s
	}
	f("configured", indexed(serverOf("tenant", "acme", "items", 3, "total", 12.5, "vip", true, "other", 1), "tenant", "items", "total", "vip", "absent"))
	f("by the span itself", serverOf("aws.xray.annotations", []string{"tenant"}, "tenant", "acme", "other", 1))
	f("by the span itself, a list of any", serverOf("aws.xray.annotations", attribute.SliceValue(attribute.StringValue("tenant"), attribute.IntValue(7)), "tenant", "acme"))
	f("by the span itself, no list", serverOf("aws.xray.annotations", "tenant", "tenant", "acme"))
	f("what has a member too", indexed(serverOf("http.request.method", "GET", "url.path", "/x", "enduser.id", "u-1"), "http.request.method", "enduser.id"))
	f("of the resource", on(indexed(serverOf(), "otel.resource.team"), "service.name", "shop", "team", "blue", "tags", []string{"a"}))
	f("all", on(all(serverOf("tenant", "acme", "http.route", "/x", "list", []string{"a"}, "http.request.method", "GET")),
		"service.name", "shop", "zone", 3, "list", []string{"b"}))
	f("all of a subsegment", all(clientOf("tenant", "acme", "peer.service", "payments")))
	f("a key of other characters", indexed(serverOf("müller key-1!", "v"), "müller key-1!"))
	f("a key without a character", all(serverOf("", "v")))
	f("two keys that become one", all(serverOf("user id", 1, "user_id", 2, "user-id", 3)))
	f("a span's key of a resource's", on(all(serverOf("otel.resource.team", "red")), "service.name", "shop", "team", "blue"))
	f("a long key", all(serverOf(strings.Repeat("k", 600), 1)))
	f("a long value", indexed(serverOf("text", strings.Repeat("ü", 1001)), "text"))
	f("values that are no scalars", indexed(serverOf("list", []string{"a"}, "nan", math.NaN(), "inf", math.Inf(-1), "bytes", attribute.ByteSliceValue([]byte{1})),
		"list", "nan", "inf", "bytes"))
	f("large numbers", indexed(serverOf("int", math.MaxInt64, "tiny", 1e-300, "huge", 1e300, "zero", math.Copysign(0, -1)), "int", "tiny", "huge", "zero"))
	many := on(all(serverOf()), "service.name", "shop", "team", "blue")
	for i := range MaxAnnotations + 3 {
		many.Attributes = append(many.Attributes, attribute.Int(fmt.Sprintf("key%02d", i), i))
	}
	f("more than fifty", many)
}

func TestGolden_metadata(t *testing.T) {
	f := golden(t, "metadata")
	f("values of each kind", serverOf("bool", true, "int", -7, "float", 0.1, "text", "x", "bools", attribute.BoolSliceValue([]bool{true}),
		"ints", attribute.IntSliceValue([]int{1, 2}), "floats", attribute.Float64SliceValue([]float64{0.5, math.Inf(1)}), "texts", []string{"a", ""},
		"bytes", attribute.ByteSliceValue([]byte{0, 255}), "nothing", attribute.Value{}, "empty", "", "no texts", []string{}))
	f("nested", serverOf("map", attribute.MapValue(attrs("a", 1, "b", attribute.SliceValue(attribute.StringValue("x"), attribute.Value{}),
		"c", attribute.MapValue(), "a", 2)...)))
	f("odd numbers", serverOf("nan", math.NaN(), "inf", math.Inf(1), "minus inf", math.Inf(-1), "zero", math.Copysign(0, -1), "max", math.MaxFloat64))
	f("hostile text", serverOf("k\"ey\n", "\x00\xfe<script>&\u2028\\", "\xff", "not UTF-8", "🛒", "🛒"))
	f("nothing to keep", with(clientOf("http.request.method", "GET"), func(s *Segment) { s.Resource = nil }))
	f("a namespace", serverOf("aws.xray.metadata.shop", `{"cart": {"items": [1, 2.50, null]}, "big": 12345678901234567890}`))
	f("the default namespace", serverOf("a", 1, "aws.xray.metadata.default", `{"b": 2}`, "aws.xray.metadata.DEFAULT", `{"c": 3}`))
	f("an empty namespace", serverOf("aws.xray.metadata.shop", `{}`, "aws.xray.metadata.default", `{}`))
	f("a namespace that is no JSON", serverOf("aws.xray.metadata.shop", `{"a":`, "aws.xray.metadata.list", `[1]`, "aws.xray.metadata.null", "null",
		"aws.xray.metadata.default", "null", "aws.xray.metadata.number", 7, "aws.xray.metadata.", `{"a":1}`))
	f("the default namespace and an attribute", serverOf("a", 1, "aws.xray.metadata.default", `{"a": 2, "b": 3, "b": 4}`))
	f("a namespace with a member twice", serverOf("aws.xray.metadata.shop", `{"a":1,"a":{"b":2,"b":3}}`))
	f("a namespace that is ours", serverOf("aws.xray.metadata.otel", `{"span_name":"x"}`, "aws.xray.metadata.updraft", `{"trimmed":"x"}`))
	f("a namespace that is AWS's", serverOf("aws.xray.metadata.AWS.shop", `{"a":1}`))
	f("a span's key of a resource's", serverOf("otel.resource.service.name", "not the service"))
	f("the scope", with(serverOf(), func(s *Segment) { s.Scope = "example.com/otelshop" }))
	f("more attributes than an SDK's limit", with(serverOf(), func(s *Segment) {
		for i := range 130 {
			s.Attributes = append(s.Attributes, attribute.Int(fmt.Sprint("key", i), i))
		}
		s.Attributes = append(s.Attributes, attrs("http.request.method", "GET", "url.path", "/last")...)
	}))
	f("an attribute twice", serverOf("a", 1, "http.request.method", "GET", "b", 2, "a", 3, "http.request.method", "PUT"))
}

func TestGolden_events(t *testing.T) {
	f := golden(t, "events_links")
	f("events", with(serverOf(), func(s *Segment) {
		s.Events = []Event{
			{Name: "cache miss", Time: start.Add(1), Attributes: attrs("key", "cart:7", "tries", 2)},
			{Name: "", Time: start.Add(2e6)},
			{Name: "bad \xff", Time: start, Attributes: attrs("", "", "n", math.NaN())},
		}
	}))
	f("an event's attribute twice", with(serverOf(), func(s *Segment) {
		s.Events = []Event{{Name: "e", Time: start, Attributes: attrs("a", 1, "b", 2, "a", 3)}}
	}))
	f("links", with(serverOf(), func(s *Segment) {
		s.Links = []Link{
			{TraceID: traceID, SpanID: parentID},
			{TraceID: traceID, SpanID: spanID, Attributes: attrs("retry", true, "list", []string{"a"}, "retry", false)},
		}
	}))
	f("a link to nothing", with(consumerOf(), func(s *Segment) { s.Links = []Link{{}} }))
}

func TestGolden_trim(t *testing.T) {
	const small = 4096 // the least that a document can be held to, and short enough to read
	f := golden(t, "trim")
	short := func(s *Segment) *Segment {
		s.MaxBytes = small
		return s
	}
	big := strings.Repeat("x", small)
	f("one large value", short(serverOf("small", "kept", "blob", big)))
	f("the larger of several", short(serverOf("a", big[:1000], "b", big[:2000], "c", big[:1500], "d", big[:100])))
	f("a large namespace", short(serverOf("aws.xray.metadata.shop", `{"blob":"`+big+`"}`, "aws.xray.metadata.default", `{"blob":"`+big+`"}`)))
	f("a large resource", on(short(serverOf("small", "kept")), "service.name", "shop", "process.command_args", big))
	f("large events", short(with(serverOf(), func(s *Segment) {
		s.Events = []Event{{Name: "small", Time: start}, {Name: "large", Time: start, Attributes: attrs("blob", big)}}
	})))
	f("a deep stack", on(short(with(serverOf(), func(s *Segment) {
		s.Events = []Event{threw("E", "m", "goroutine 1 [running]:\n"+strings.Repeat("main.recursive(0x1)\n\t/src/shop/cart/main.go:1\n", 60))}
	})), "service.name", "shop", "telemetry.sdk.language", "go"))
	f("a long query", short(clientOf("db.system.name", "mysql", "db.namespace", "shop", "db.query.text", "SELECT "+big)))
	f("many exceptions", short(with(serverOf(), func(s *Segment) {
		for range 40 {
			s.Events = append(s.Events, threw("E", "message of an exception", "a stack trace of no known form"))
		}
	})))
	f("all of it", short(with(serverOf("enduser.id", big, "blob", big), func(s *Segment) {
		fail(big)(s)
		for range 40 {
			s.Links = append(s.Links, Link{TraceID: traceID, SpanID: parentID, Attributes: attrs("k", big)})
			s.Events = append(s.Events, threw(big, big, big))
		}
	})))
	f("64 KB", serverOf("blob", strings.Repeat("x", 100_000), "small", "kept"))
}
