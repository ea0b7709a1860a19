package xraydoc

import (
	"strings"
	"testing"

	"go.opentelemetry.io/collector/featuregate"
)

// set turns a gate on or off until the test ends.
func set(t *testing.T, gate *featuregate.Gate, on bool) {
	t.Helper()
	before := gate.IsEnabled()
	if err := featuregate.GlobalRegistry().Set(gate.ID(), on); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = featuregate.GlobalRegistry().Set(gate.ID(), before) })
}

// TestConventions has the gates choose the names of HTTP attributes, and an agent with other gates write what changed.
func TestConventions(t *testing.T) {
	f := func(withStable, withFormer bool, want string) {
		t.Helper()
		set(t, stableNames, withStable)
		set(t, noFormerNames, !withFormer)
		resource, spans := spansOf(read(t, full))
		var got []string
		for _, name := range []string{"http.method", "http.url", "http.client_ip", "http.status_code", "http.request.method", "url.full", "client.address", "http.response.status_code"} {
			if _, ok := spans.At(0).Attributes().Get(name); ok {
				got = append(got, name)
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s, want %s", s, want)
		}
		for _, other := range []bool{false, true} { // the agent that writes
			set(t, stableNames, other)
			set(t, noFormerNames, other)
			span := spans.At(0)
			for _, name := range []string{"http.url", "url.full"} {
				if _, ok := span.Attributes().Get(name); ok {
					span.Attributes().PutStr(name, "https://changed")
				}
			}
			o := write(t, resource, span)
			if got := at(o, "http", "request", "url"); got != "https://changed" {
				t.Errorf("%s: the address is %v", want, got)
			}
			if got := at(o, "http", "request", "method"); got != "POST" {
				t.Errorf("%s: the method is %v", want, got)
			}
			if got := at(o, "metadata", "default", "url.full"); got != nil {
				t.Errorf("%s: the address is metadata too", want)
			}
		}
	}
	f(false, true, "http.method http.url http.client_ip http.status_code")
	f(true, true, "http.method http.url http.client_ip http.status_code http.request.method url.full client.address http.response.status_code")
	f(true, false, "http.request.method url.full client.address http.response.status_code")
}

// TestConventions_annotation keeps an annotation that has a member's other name.
func TestConventions_annotation(t *testing.T) {
	doc := strings.Replace(full, `"tier":"gold"`, `"tier":"gold","url.full":"mine"`, 1)
	resource, spans := spansOf(read(t, doc))
	spans.At(0).Attributes().PutStr("url.full", "changed")
	o := write(t, resource, spans.At(0))
	if got := at(o, "annotations", "url.full"); got != "changed" {
		t.Errorf("the annotation is %v", got)
	}
	if got := at(o, "http", "request", "url"); got != "http://www.example.com/api/user" {
		t.Errorf("the address is %v", got)
	}
}

// TestConventions_removed removes a member when no name of it is left.
func TestConventions_removed(t *testing.T) {
	set(t, stableNames, true)
	resource, spans := spansOf(read(t, full))
	attributes := spans.At(0).Attributes()
	attributes.Remove("http.url")
	if got := at(write(t, resource, spans.At(0)), "http", "request", "url"); got == nil {
		t.Error("the address is gone although url.full is there")
	}
	attributes.Remove("url.full")
	if got := at(write(t, resource, spans.At(0)), "http", "request", "url"); got != nil {
		t.Errorf("the address is %v although it was removed", got)
	}
}

func TestWithoutDots(t *testing.T) {
	f := func(doc, want string) {
		t.Helper()
		if got := string(WithoutDots([]byte(doc))); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	f(`{"annotations":{"a.b":1,"c":"<"},"metadata":{"annotations":{"a.b":1.50}}}`, `{"annotations":{"a_b":1,"c":"<"},"metadata":{"annotations":{"a.b":1.50}}}`)
	f(`{"annotations":{"a.b":1,"a_b":2}}`, `{"annotations":{"a_b":2}}`)
	f(`{"name":"a.b"}`, `{"name":"a.b"}`)
	f(`no document`, `no document`)
}
