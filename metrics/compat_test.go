package metrics

import (
	"fmt"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// The documents under Compat are held against those of the collector's exporter
// in bench; here is what cannot be seen in one of its runs, or needs its own.

// TestEMFEncoder_resourceOrder has a resource's attributes come in any order,
// as they do from maps: its totals are one series.
func TestEMFEncoder_resourceOrder(t *testing.T) {
	b := newBoth(t, Config{ResourceAttributes: func(attribute.Key) bool { return true }, Compat: true})
	a, z := Label{"a", "1"}, Label{"z", "2"}
	m := &Metric{Name: "m", Kind: KindSum, Cumulative: true, Monotonic: true}
	var got []string
	for i, labels := range [][]Label{{a, z}, {z, a}, {a, z}} {
		m.Resource = &Resource{Labels: labels}
		p := Point{Time: seconds(i), Value: float64(10 * (i + 1))}
		b.documents.Add(m, &p)
		b.documents.Lines(func(_ string, _ time.Time, line []byte) {
			got = append(got, told(t, line)+" "+string(readLine(t, string(line)).members["m"]))
		})
	}
	if s := fmt.Sprint(got); s != "[m [[a z]] 10 m [[a z]] 10]" {
		t.Errorf("got %s, want the two increases", s)
	}
}

// TestCompat_directives has metrics with the same dimensions, which different
// declarations chose.
func TestCompat_directives(t *testing.T) {
	f := func(compat bool, want string) {
		t.Helper()
		k := [][]string{{"k"}}
		b := newBoth(t, Config{Compat: compat, Declarations: []Declaration{
			{Metrics: []string{"a", "b"}, Dimensions: k}, {Metrics: []string{"b", "c"}, Dimensions: k}, {Metrics: []string{"*"}, Unit: "s"},
		}})
		for _, name := range []string{"a", "b", "c", "b2", "a"} {
			p := at(1, Label{"k", "v"})
			b.documents.Add(gauge(name), &p)
		}
		b.documents.Lines(func(_ string, _ time.Time, line []byte) {
			if n := fmt.Sprint(len(readLine(t, string(line)).AWS.CloudWatchMetrics)); n != want {
				t.Errorf("Compat %v: %s directives, want %s: %s", compat, n, want, line)
			}
			want = "1" // the second a
		})
	}
	f(true, "4")
	f(false, "1")
}
