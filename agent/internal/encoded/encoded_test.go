package encoded_test

import (
	"testing"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/updraft-otel/updraft/agent/internal/encoded"
)

func TestCarrier(t *testing.T) {
	carrier := encoded.NewCarrier()
	l := new(encoded.Items)
	for i, body := range []string{"one", "", "three"} {
		l.Data = append(l.Data, body...)
		l.End([]string{"a", "", "ü"}[i], int64(i-1))
	}
	md := carrier.Metrics(l, []int{0, 2})
	back := new(encoded.Items)
	if !carrier.Read(back, md) || back.Len() != 2 {
		t.Fatalf("%d items", back.Len())
	}
	if back.Key(0) != "a" || back.At(0) != -1 || string(back.Body(0)) != "one" || back.Key(1) != "ü" || back.At(1) != 1 || string(back.Body(1)) != "three" {
		t.Errorf("%+v", back)
	}
	// Nobody else's attribute is read, and half of one is no harm.
	if encoded.NewCarrier().Read(back, md) || carrier.Read(back, pmetric.NewMetrics()) {
		t.Error("read what it has not written")
	}
	for _, v := range md.ResourceMetrics().At(0).Resource().Attributes().All() {
		whole := v.Bytes().AsRaw()
		for n := range whole {
			v.Bytes().FromRaw(whole[:n])
			half := new(encoded.Items)
			if !carrier.Read(half, md) || half.Len() > 1 {
				t.Errorf("%d items of the first %d bytes", half.Len(), n)
			}
		}
	}
}
