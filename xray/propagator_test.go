package xray

import (
	"context"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

const (
	root   = "1-674f0a1b-a2c3d4e5f60718293a4b5c6d"
	parent = "1122334455667788"
)

func TestPropagator_Extract(t *testing.T) {
	f := func(header, wantTrace, wantSpan string, wantSampled bool) {
		t.Helper()
		ctx := Propagator{}.Extract(t.Context(), propagation.MapCarrier{Header: header})
		sc := trace.SpanContextFromContext(ctx)
		if !sc.IsValid() {
			t.Errorf("%q: no span context", header)
			return
		}
		if sc.TraceID().String() != wantTrace || sc.SpanID().String() != wantSpan || sc.IsSampled() != wantSampled || !sc.IsRemote() {
			t.Errorf("%q: got %s %s sampled %v remote %v", header, sc.TraceID(), sc.SpanID(), sc.IsSampled(), sc.IsRemote())
		}
	}
	id := traceID.String()
	f("Root="+root+";Parent="+parent+";Sampled=1", id, parent, true)
	f("Root="+root+";Parent="+parent+";Sampled=0", id, parent, false)
	f("Root="+root+";Parent="+parent+";Sampled=?", id, parent, false)
	f("Root="+root+";Parent="+parent, id, parent, false)
	f(" Sampled=1 ; Parent="+parent+" ; Root="+root, id, parent, true)
	f("Self=1-67891234-12456789abcdef012345678;Root="+root+";Parent="+parent+";Sampled=1", id, parent, true)
	f("root="+strings.ToUpper(root)+";parent="+strings.ToUpper(parent)+";sampled=1", id, parent, true)
	f("junk;Root="+root+";Parent="+parent+";Sampled=1;Lineage=a:1", id, parent, true)
}

func TestPropagator_Extract_nothing(t *testing.T) {
	f := func(header string) {
		t.Helper()
		ctx := Propagator{}.Extract(t.Context(), propagation.MapCarrier{Header: header})
		if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
			t.Errorf("%q: got %v", header, sc)
		}
	}
	f("")
	f("Root=")
	f("Root=1-674f0a1b;Parent=" + parent)
	f("Root=2-674f0a1b-a2c3d4e5f60718293a4b5c6d;Parent=" + parent)
	f("Root=1-674f0a1z-a2c3d4e5f60718293a4b5c6d;Parent=" + parent)
	f("Root=1-00000000-000000000000000000000000;Parent=" + parent)
	f("Root=" + root) // continued by the id generator, see below
}

func TestPropagator_rootOnlyContinuesTheTrace(t *testing.T) {
	ctx := Propagator{}.Extract(t.Context(), propagation.MapCarrier{Header: "Root=" + root})
	id, _ := NewIDGenerator().NewIDs(ctx)
	if id != traceID {
		t.Errorf("trace id %s, want that of the header, %s", id, traceID)
	}
}

func TestPropagator_Inject(t *testing.T) {
	f := func(incoming, want string) {
		t.Helper()
		ctx := Propagator{}.Extract(t.Context(), propagation.MapCarrier{Header: incoming})
		carrier := propagation.MapCarrier{}
		Propagator{}.Inject(ctx, carrier)
		if got := carrier[Header]; got != want {
			t.Errorf("%q: got %q, want %q", incoming, got, want)
		}
	}
	f("Root="+root+";Parent="+parent+";Sampled=1", "Root="+root+";Parent="+parent+";Sampled=1")
	f("Sampled=0;Parent="+parent+";Root="+root, "Root="+root+";Parent="+parent+";Sampled=0")
	f("Root="+root+";Parent="+parent+";Sampled=1;Lineage=25:a87bd80c:1;Mine=x",
		"Root="+root+";Parent="+parent+";Sampled=1;Lineage=25:a87bd80c:1;Mine=x")
	f("", "")
}

func FuzzPropagator(f *testing.F) {
	f.Add("Root=" + root + ";Parent=" + parent + ";Sampled=1;Lineage=a")
	f.Add(";;=;Root==")
	f.Fuzz(func(t *testing.T, header string) {
		ctx := Propagator{}.Extract(context.Background(), propagation.MapCarrier{Header: header})
		carrier := propagation.MapCarrier{}
		Propagator{}.Inject(ctx, carrier)
		again := Propagator{}.Extract(context.Background(), carrier)
		a, b := trace.SpanContextFromContext(ctx), trace.SpanContextFromContext(again)
		if a.TraceID() != b.TraceID() || a.SpanID() != b.SpanID() || a.IsSampled() != b.IsSampled() {
			t.Errorf("%q: %v became %v by %q", header, a, b, carrier[Header])
		}
	})
}
