package delivery_test

import (
	"testing"

	"go.opentelemetry.io/collector/confmap"

	"github.com/updraft-otel/updraft/agent/internal/delivery"
)

// A config embeds the keys as exporters do.
type config struct {
	delivery.Config `mapstructure:",squash"`
}

func (c *config) Unmarshal(conf *confmap.Conf) error {
	c.CountAsWritten(conf)
	return conf.Unmarshal(c)
}

func load(t *testing.T, keys map[string]any) *config {
	t.Helper()
	c := &config{delivery.Default(delivery.Items(7)).InOrder()}
	if err := confmap.NewFromStringMap(keys).Unmarshal(c); err != nil {
		t.Fatal(err)
	}
	if err := confmap.Validate(c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefault(t *testing.T) {
	c := load(t, nil)
	q := c.QueueConfig.Get()
	if q == nil || q.Sizer.String() != "bytes" || q.QueueSize != 64<<20 || q.NumConsumers != 1 || q.Batch.Get().MinSize != 7 {
		t.Errorf("queue %+v, want one bounded by bytes, in order", q)
	}
	if !c.RetryConfig.Enabled || c.RetryConfig.MaxElapsedTime != 0 {
		t.Errorf("retry %+v, want one without an end", c.RetryConfig)
	}
	d := delivery.Default(delivery.Items(7))
	if n := d.QueueConfig.Get().NumConsumers; n < 2 {
		t.Errorf("%d push at a time where no order is asked for", n)
	}
}

// TestCountAsWritten has a queue_size count what it counts in the collector's exporters.
func TestCountAsWritten(t *testing.T) {
	f := func(queue map[string]any, sizer string, size int64) {
		t.Helper()
		q := load(t, map[string]any{"sending_queue": queue}).QueueConfig.Get()
		if q == nil || q.Sizer.String() != sizer || q.QueueSize != size {
			t.Errorf("%v: %+v, want %d %s", queue, q, size, sizer)
		}
	}
	f(map[string]any{"queue_size": 100}, "requests", 100)
	f(map[string]any{"queue_size": 100, "sizer": "bytes"}, "bytes", 100)
	f(map[string]any{"num_consumers": 2}, "bytes", 64<<20)
	if c := load(t, map[string]any{"sending_queue": map[string]any{"enabled": false, "queue_size": 100}}); c.QueueConfig.HasValue() {
		t.Error("a queue although it is disabled")
	}
}
