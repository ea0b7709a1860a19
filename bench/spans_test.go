package bench

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// A generator makes spans that touch every rule by which a span becomes a
// segment document: each with attributes of a few themes, most of them as
// their convention says, some empty, some of another type. The same seed gives
// the same spans.
type generator struct {
	*rand.Rand
	spans uint64 // so far: the id of the next one
}

func newGenerator(seed uint64) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, 0x5e9))}
}

func (g *generator) chance(p float64) bool { return g.Float64() < p }

func pick[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

// traces makes so many spans, a few of each resource.
func (g *generator) traces(spans int) ptrace.Traces {
	traces := ptrace.NewTraces()
	for spans > 0 {
		rs := traces.ResourceSpans().AppendEmpty()
		foreign := g.resource(rs.Resource())
		language, _ := rs.Resource().Attributes().Get("telemetry.sdk.language")
		ss := rs.ScopeSpans().AppendEmpty()
		ss.Scope().SetName(pick(g, []string{"", "otelhttp", "io.opentelemetry.jdbc"}))
		for range min(spans, 1+g.IntN(12)) {
			g.span(ss.Spans().AppendEmpty(), language.Str(), foreign)
			spans--
		}
	}
	return traces
}

func (g *generator) resource(r pcommon.Resource) (foreign bool) {
	if g.chance(0.03) {
		return false // a resource without attributes
	}
	m := r.Attributes()
	g.put(m, resourceService, 0.6)
	g.put(m, resourceSDK, 0.7)
	for _, theme := range [][]candidate{resourceCloud, resourceECS, resourceEKS, resourceBeanstalk, resourceLogs, resourceImage, unknown} {
		if g.chance(0.3) {
			g.put(m, theme, 0.5)
		}
	}
	provider, ok := m.Get("cloud.provider")
	return ok && provider.Str() != "" && provider.Str() != "aws"
}

func (g *generator) span(s ptrace.Span, language string, foreign bool) {
	g.spans++
	var id pcommon.SpanID
	binary.BigEndian.PutUint64(id[:], g.spans)
	s.SetSpanID(id)
	s.SetTraceID(g.traceID())
	s.SetKind(ptrace.SpanKind(g.IntN(6)))
	if g.chance(0.65) {
		s.SetParentSpanID(g.spanID())
	}
	s.SetName(pick(g, spanNames))
	s.SetStartTimestamp(g.time())
	s.SetEndTimestamp(g.time())
	if g.chance(0.01) {
		s.SetEndTimestamp(0)
	}
	s.Status().SetCode(ptrace.StatusCode(g.IntN(3)))
	if g.chance(0.5) {
		s.Status().SetMessage(pick(g, texts))
	}
	g.attributes(s, foreign)
	for range g.few(3) {
		g.event(s.Events().AppendEmpty(), language)
	}
	for range g.few(2) {
		l := s.Links().AppendEmpty()
		l.SetTraceID(g.traceID())
		l.SetSpanID(g.spanID())
		if g.chance(0.5) {
			g.put(l.Attributes(), unknown, 0.3)
		}
	}
}

// few is none more often than not, else up to limit.
func (g *generator) few(limit int) int {
	if g.chance(0.6) {
		return 0
	}
	return 1 + g.IntN(limit)
}

// traceID begins with a time as X-Ray's do, or is all random as W3C's may be.
func (g *generator) traceID() (id pcommon.TraceID) {
	binary.BigEndian.PutUint64(id[:8], g.Uint64())
	binary.BigEndian.PutUint64(id[8:], g.Uint64())
	if g.chance(0.7) {
		binary.BigEndian.PutUint32(id[:4], 1_790_000_000+g.Uint32N(1_000_000))
	}
	return id
}

func (g *generator) spanID() (id pcommon.SpanID) {
	binary.BigEndian.PutUint64(id[:], g.Uint64()|1<<63)
	return id
}

func (g *generator) time() pcommon.Timestamp {
	at := uint64(1_790_000_000_000_000_000) + g.Uint64N(1e15)
	if g.chance(0.2) {
		at -= at % 1_000_000_000
	}
	return pcommon.Timestamp(at)
}

func (g *generator) attributes(s ptrace.Span, foreign bool) {
	m := pcommon.NewMap()
	for range 1 + g.IntN(3) {
		g.put(m, pick(g, themes), 0.6)
	}
	g.put(m, unknown, 0.2)
	for _, theme := range themes { // a little of everything
		g.put(m, theme, 0.015)
	}
	if g.chance(0.01) {
		for i := range 150 {
			m.PutInt("many."+string(rune('a'+i%26))+strings.Repeat("x", i/26), int64(i))
		}
	}
	if g.chance(0.2) {
		g.put(m, applicationSignals, 0.7)
	}
	if foreign && s.Kind() != ptrace.SpanKindServer && s.Kind() != ptrace.SpanKindInternal {
		m.Remove("aws.span.kind") // the collector's exporter ends its process on a call as local root in another cloud
	}
	g.annotate(m)
	g.shuffle(m, s.Attributes())
}

// annotate names some of the attributes as annotations.
func (g *generator) annotate(m pcommon.Map) {
	if g.chance(0.75) {
		return
	}
	if g.chance(0.1) {
		g.odd(m.PutEmpty("aws.xray.annotations"))
		return
	}
	list := m.PutEmptySlice("aws.xray.annotations")
	for key := range m.All() {
		if g.chance(0.2) {
			list.AppendEmpty().SetStr(key)
		}
	}
	if g.chance(0.2) {
		g.odd(list.AppendEmpty())
		list.AppendEmpty().SetStr("otel.resource.service.name")
	}
}

// shuffle copies attributes in any order, for the collector's exporter lets the
// last of two count. It takes aws.xray.inprogress out first and puts the last
// attribute in its place, an accident that is not worth repeating: here it is
// the last.
func (g *generator) shuffle(from, to pcommon.Map) {
	var keys []string
	for key := range from.All() {
		keys = append(keys, key)
	}
	g.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	slices.SortStableFunc(keys, func(a, b string) int { return last(a) - last(b) })
	for _, key := range keys {
		v, _ := from.Get(key)
		v.CopyTo(to.PutEmpty(key))
	}
}

func last(key string) int {
	if key == "aws.xray.inprogress" {
		return 1
	}
	return 0
}

// A candidate is an attribute that a span may have, with what it may be.
type candidate struct {
	key    string
	values []any
}

// put gives m each candidate with the probability p.
func (g *generator) put(m pcommon.Map, candidates []candidate, p float64) {
	for _, c := range candidates {
		if !g.chance(p) || g.ambiguous(m, c.key) {
			continue
		}
		v := m.PutEmpty(c.key)
		switch {
		case g.chance(0.05):
			v.SetStr("")
		case g.chance(0.08):
			g.odd(v)
		default:
			_ = v.FromRaw(pick(g, c.values)) // of types it knows
		}
	}
}

// ambiguous tells keys that would stand for the same member, or become the
// same annotation, as one that m has: the collector's exporter lets the order
// of a Go map decide between them. TestCompat_sameMember is about those.
func (g *generator) ambiguous(m pcommon.Map, key string) bool {
	for has := range m.All() {
		if sanitised(has) == sanitised(key) {
			return true
		}
	}
	return false
}

// sanitised is an annotation's key; of two spellings of a member it is one.
func sanitised(key string) string {
	switch key {
	case "aws.requestId":
		return "aws.request_id"
	case "aws.queue.url":
		return "aws.queue_url"
	case "aws.table.name":
		return "aws.table_name"
	}
	return strings.Map(func(r rune) rune {
		if r == '.' || r < 0x80 && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
			return r
		}
		return '_'
	}, key)
}

// odd is a value of any type.
func (g *generator) odd(v pcommon.Value) {
	switch g.IntN(12) {
	case 0:
		v.SetStr(pick(g, texts))
	case 1:
		v.SetInt(pick(g, []int64{0, 1, -1, 80, 200, 404, 429, 503, 1 << 60, math.MinInt64}))
	case 2:
		v.SetDouble(pick(g, []float64{0, 1, 0.1, -2.5, 1e-9, 1e21, 1.5e300, 429}))
	case 3:
		v.SetBool(g.chance(0.5))
	case 4:
		v.SetEmptyBytes().Append([]byte("bytes \xff\x00")[:g.IntN(8)]...)
	case 5:
		list := v.SetEmptySlice()
		for range g.IntN(3) {
			list.AppendEmpty().SetStr(pick(g, texts))
		}
	case 6:
		list := v.SetEmptySlice()
		for range g.IntN(4) {
			g.odd(list.AppendEmpty())
		}
	case 7:
		m := v.SetEmptyMap()
		for range g.IntN(4) {
			g.odd(m.PutEmpty(pick(g, texts)))
		}
	case 8: // a null
	case 9:
		if g.chance(0.05) {
			v.SetDouble(pick(g, []float64{math.NaN(), math.Inf(1), math.Inf(-1)}))
		}
	default:
		v.SetStr(pick(g, []string{"1", "200", "404", "true", "AWS", "::1", "fe80::1%eth0", "10.0.0.300"}))
	}
}
