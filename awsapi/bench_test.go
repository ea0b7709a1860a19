package awsapi

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/updraft-otel/updraft/internal/jsonstring"
)

func benchClient(b *testing.B, s Service, answer string) *Client {
	b.Helper()
	c, err := New(Config{Service: s, Region: "us-east-1", Credentials: testCredentials(), HTTPClient: &http.Client{Transport: fixed(answer)}})
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// All but the network: body, signature, answer.
func BenchmarkPutTraceSegments(b *testing.B) {
	c := benchClient(b, XRay, `{"UnprocessedTraceSegments":[]}`)
	doc := []byte(`{"name":"shop","id":"70de5b6f19ff9a0a",` + strings.Repeat(`"annotation":"value",`, 46) + `"a":1}`)
	put := func() {
		if _, err := c.PutTraceSegments(b.Context(), MaxSegments, func(int) []byte { return doc }); err != nil {
			b.Error(err)
		}
	}
	b.Run("serial", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(MaxSegments * len(doc)))
		for b.Loop() {
			put()
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(MaxSegments * len(doc)))
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				put()
			}
		})
	})
}

func BenchmarkPutLogEvents(b *testing.B) {
	c := benchClient(b, Logs, `{}`)
	message := []byte(strings.Repeat(`{"level":"info"}`, 16))
	b.ReportAllocs()
	b.SetBytes(int64(1_000 * len(message)))
	for b.Loop() {
		if _, err := c.PutLogEvents(b.Context(), "g", "s", nil, 1_000, func(int) (int64, []byte) { return 1_700_000_000_000, message }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPutMetricData(b *testing.B) {
	c := benchClient(b, CloudWatch, "\xbf\xff")
	d := datum(strings.Repeat("Orders", 20))
	b.ReportAllocs()
	b.SetBytes(int64(1_000 * len(d)))
	for b.Loop() {
		if err := c.PutMetricData(b.Context(), "Shop", 1_000, func(int) []byte { return d }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendString(b *testing.B) {
	for name, s := range map[string]string{
		"segment": strings.Repeat(`{"name":"shop","id":"70de5b6f19ff9a0a"}`, 25),
		"text":    strings.Repeat("the quick brown fox jumps ", 40),
		"greek":   strings.Repeat("αβγδεζηθ", 60),
	} {
		b.Run(name, func(b *testing.B) {
			in, dst := []byte(s), make([]byte, 0, 8<<10)
			b.ReportAllocs()
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				dst = jsonstring.Append(dst[:0], in)
			}
		})
	}
}

// Encoding a body costs no allocation an item.
func TestItemsDoNotAllocate(t *testing.T) {
	c, err := New(Config{Service: XRay, Region: "us-east-1", Credentials: testCredentials(), HTTPClient: &http.Client{Transport: fixed(`{}`)}})
	if err != nil {
		t.Fatal(err)
	}
	doc := bytes.Repeat([]byte(`"é`), 300)
	f := func(n int) float64 {
		return testing.AllocsPerRun(20, func() {
			if _, err := c.PutTraceSegments(t.Context(), n, func(int) []byte { return doc }); err != nil {
				t.Fatal(err)
			}
		})
	}
	// The buffer comes from a pool that may be emptied, so a few are allowed for growing it anew.
	if one, fifty := f(1), f(MaxSegments); fifty-one > 15 {
		t.Errorf("%.0f allocations for one document, %.0f for fifty", one, fifty)
	}
}
