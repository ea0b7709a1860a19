package metrics

// Bounds of what a converter does and keeps for who sends what no application measures. Metrics from a network are
// anybody's.
const (
	// maxMemory is how many bytes of instruments, series and totals are remembered, as size methods count them: two to
	// three hundred thousand series. Beyond, what needs no memory is still sent.
	maxMemory = 256 << 20
	// maxLabels is the most labels of a point and its resource together: CloudWatch takes 30 dimensions, and what is
	// done with labels takes the square of their number.
	maxLabels = 1000
	// maxParts is the most bounds, buckets and quantiles of a point; SDKs make up to 160 buckets of themselves.
	// https://opentelemetry.io/docs/specs/otel/metrics/sdk/#base2-exponential-bucket-histogram-aggregation
	maxParts = 10_000
)

// What an instrument, a series and a set of labels take beside their texts, in bytes, roughly.
const (
	instrumentBytes = 512
	seriesBytes     = 512
	labelSetBytes   = 256
	labelBytes      = 32 // two headers of strings
	numberBytes     = 8
)

// hold counts bytes that are about to be remembered, unless there is no room for them.
func (c *converter) hold(bytes int) bool {
	if c.held+bytes > c.memory {
		if !c.full {
			c.full = true
			c.config.OnProblem(errNoMemory)
		}
		return false
	}
	c.held += bytes
	return true
}

// tooLarge says whether a point has more than any application measures.
func (c *converter) tooLarge(m *Metric, p *Point) bool {
	labels := len(p.Labels)
	if m.Resource != nil {
		labels += len(m.Resource.Labels)
	}
	parts := len(p.Bounds) + len(p.Buckets) + len(p.Positive.Counts) + len(p.Negative.Counts) + len(p.Quantiles)
	return labels > maxLabels || parts > maxParts
}

func (i *instrument) size() int { return instrumentBytes + 2*len(i.key.name) + len(i.key.unit) }

// sizeUnder is what a series takes that is remembered under a key.
func (s *series) sizeUnder(key string) int {
	n := seriesBytes + len(key)
	for _, set := range s.dimensions {
		n += labelsSize(set)
	}
	if s.seat != nil {
		n += len(s.seat.key)
	}
	return n
}

func (l *labelSet) size() int {
	return labelSetBytes + len(l.id) + len(l.labelsJSON) + labelsSize(l.labels)
}

func labelsSize(labels []Label) (n int) {
	for i := range labels {
		n += labelBytes + len(labels[i].Name) + len(labels[i].Value)
	}
	return n
}

// keep has a series remember a point as its total, if there is room for its buckets.
func (c *converter) keep(s *series, p *Point) bool {
	numbers := len(p.Bounds) + len(p.Buckets) + len(p.Positive.Counts) + len(p.Negative.Counts)
	if more := numbers*numberBytes - s.total.bytes; more > 0 {
		if !c.hold(more) {
			c.held -= s.total.bytes
			s.bytes -= s.total.bytes
			s.total = nil
			return false
		}
		s.total.bytes += more
		s.bytes += more
	}
	s.total.keep(p)
	return true
}
