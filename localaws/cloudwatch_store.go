package localaws

// A metricStore holds metric data.
type metricStore struct{}

func newMetricStore(maxBytes int64) *metricStore { return &metricStore{} }

func (s *metricStore) restore(kind string, payload []byte) error { return nil }

func (s *metricStore) counts() storeCounts { return storeCounts{} }
