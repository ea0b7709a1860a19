package localaws

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	"google.golang.org/protobuf/proto"
)

// gauge is a request with n data points of a gauge, told apart by an attribute.
func gauge(name string, at time.Time, n int) *metricspb.MetricsData {
	points := make([]*metricspb.NumberDataPoint, n)
	for i := range points {
		points[i] = &metricspb.NumberDataPoint{
			TimeUnixNano: uint64(at.UnixNano()), Value: &metricspb.NumberDataPoint_AsDouble{AsDouble: float64(i)},
			Attributes: []*commonpb.KeyValue{{Key: "i", Value: textValue(fmt.Sprint(i))}},
		}
	}
	return otlpMetric(&metricspb.Metric{Name: name, Data: &metricspb.Metric_Gauge{Gauge: &metricspb.Gauge{DataPoints: points}}})
}

func otlpMetric(metrics ...*metricspb.Metric) *metricspb.MetricsData {
	return &metricspb.MetricsData{ResourceMetrics: []*metricspb.ResourceMetrics{{
		Resource:     &resourcepb.Resource{Attributes: []*commonpb.KeyValue{{Key: "service.name", Value: textValue("shop")}}},
		ScopeMetrics: []*metricspb.ScopeMetrics{{Scope: &commonpb.InstrumentationScope{Name: "s"}, Metrics: metrics}},
	}}}
}

// padded gives the first n data points so many more attributes.
func padded(request *metricspb.MetricsData, n, attributes, bytes int) *metricspb.MetricsData {
	eachDatapoint(request, func(p *otlpPoint) {
		if p.indexes[3] < n {
			d := p.point.(*metricspb.NumberDataPoint)
			for i := range attributes {
				d.Attributes = append(d.Attributes, &commonpb.KeyValue{Key: fmt.Sprintf("k%04d", i), Value: textValue(strings.Repeat("x", bytes))})
			}
		}
	})
	return request
}

// A metricsPost is a request to /v1/metrics; by default signed and in protobuf.
type metricsPost struct {
	contentType, encoding, bearer string
	body                          []byte
}

func (p metricsPost) send(t *testing.T, srv *Server) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL()+"/v1/metrics", bytes.NewReader(p.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	if p.contentType != "" {
		req.Header.Set("Content-Type", p.contentType)
	}
	if p.encoding != "" {
		req.Header.Set("Content-Encoding", p.encoding)
	}
	client := &http.Client{Transport: signedTransport{t, srv, Region}}
	if p.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+p.bearer)
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func marshal(t *testing.T, request proto.Message) []byte {
	t.Helper()
	body, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestOTLPMetrics_limits(t *testing.T) {
	srv := startTest(t, Config{})
	now := time.Now()
	f := func(name string, request *metricspb.MetricsData, status int, text string) {
		t.Helper()
		got, body := metricsPost{body: marshal(t, request)}.send(t, srv)
		if got != status || !strings.Contains(body, text) {
			t.Errorf("%s: %d %q, want %d and %q", name, got, body, status, text)
		}
	}
	f("1,000 data points", gauge("a", now, 1000), 200, "")
	f("1,001 data points", gauge("a", now, 1001), 400, "Maximum number of datapoints per request exceeded: 1000.")
	f("14 days old", gauge("a", now.Add(-maxOTLPMetricPast+time.Minute), 1), 200, "")
	f("older", gauge("a", now.Add(-maxOTLPMetricPast-time.Minute), 1), 400, "more than 14 days in the past")
	f("9 minutes ahead", gauge("a", now.Add(9*time.Minute), 1), 200, "")
	f("11 minutes ahead", gauge("a", now.Add(11*time.Minute), 1), 400, "more than 10 minutes in the future")
	f("no time", gauge("a", time.Unix(0, 0), 1), 400, "in the past")

	const own = 2 // attributes that gauge sets: service.name and i
	f("150 attributes", padded(gauge("a", now, 1), 1, maxOTLPLabels-own, 1), 200, "")
	f("151 attributes", padded(gauge("a", now, 1), 1, maxOTLPLabels-own+1, 1), 400, "Maximum number of attributes exceeded: 150 [ResourceMetrics.1.ScopeMetrics.1.Metrics.1.Datapoint.1].")
	f("151 attributes on one of two", padded(gauge("a", now, 2), 1, maxOTLPLabels-own+1, 1), 200, "Maximum number of attributes exceeded")
	size := len("service.nameshop") + len("i0") + len("k0000")
	f("40 KB of attributes", padded(gauge("a", now, 1), 1, 1, maxOTLPLabelBytes-size), 200, "")
	f("a byte more", padded(gauge("a", now, 1), 1, 1, maxOTLPLabelBytes-size+1), 400, "40960")

	room := maxOTLPMetricBytes - proto.Size(padded(gauge("a", now, 1), 1, 30, maxOTLPLabelBytes-size))
	if room > 0 {
		t.Fatalf("a request of 30 such attributes has %d bytes left", room)
	}
	f("over 1 MB", padded(gauge("a", now, 1), 1, 30, maxOTLPLabelBytes), 400, "Maximum request size exceeded")

	f("no name", gauge("", now, 1), 400, "A name is empty")
	f("a summary", otlpMetric(&metricspb.Metric{Name: "s", Data: &metricspb.Metric_Summary{Summary: &metricspb.Summary{
		DataPoints: []*metricspb.SummaryDataPoint{{TimeUnixNano: uint64(now.UnixNano())}},
	}}}), 400, "Summaries are not supported")
	f("no temporality", otlpMetric(&metricspb.Metric{Name: "s", Data: &metricspb.Metric_Sum{Sum: &metricspb.Sum{
		DataPoints: []*metricspb.NumberDataPoint{{TimeUnixNano: uint64(now.UnixNano())}},
	}}}), 400, "temporality is unspecified")
	f("nothing", &metricspb.MetricsData{}, 200, "")
	if n := srv.otlp.store.Counts().Series; n != 1000+2 {
		t.Errorf("%d series are kept, want 1,000, and one each for 150 attributes and 40 KB", n)
	}
}

func TestOTLPMetrics_forms(t *testing.T) {
	srv := startTest(t, Config{})
	now := time.Now()
	body := fmt.Sprintf(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"j","sum":{"aggregationTemporality":2,"isMonotonic":true,
		"dataPoints":[{"timeUnixNano":"%d","asInt":"42"}]}}]}]}]}`, now.UnixNano())
	f := func(name string, post metricsPost, status int, text string) {
		t.Helper()
		got, answer := post.send(t, srv)
		if got != status || !strings.Contains(answer, text) {
			t.Errorf("%s: %d %q, want %d and %q", name, got, answer, status, text)
		}
	}
	f("JSON", metricsPost{contentType: "application/json", body: []byte(body)}, 200, "{}")
	f("bad JSON", metricsPost{contentType: "application/json", body: []byte(body[1:])}, 400, `"code":3`)
	f("partial JSON", metricsPost{contentType: "application/json", body: []byte(strings.Replace(body, `"dataPoints":[`, `"dataPoints":[{"timeUnixNano":"`+fmt.Sprint(now.UnixNano())+`","attributes":[{"key":""}]},`, 1))},
		200, `"rejectedDataPoints":1`)
	f("bad protobuf", metricsPost{body: []byte{0xff}}, 400, "protobuf")
	f("token", metricsPost{bearer: MetricsBearerToken, body: marshal(t, gauge("b", now, 1))}, 200, "")
	f("wrong token", metricsPost{bearer: "other", body: marshal(t, gauge("b", now, 1))}, 403, "bearer token")
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(marshal(t, gauge("z", now, 1))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f("gzip", metricsPost{encoding: "gzip", body: zipped.Bytes()}, 200, "")
	if n := srv.otlp.store.Counts(); n.Series != 3 || n.Samples != 3 {
		t.Errorf("kept are %+v, want one sample of j, b and z", n)
	}
}

// TestOTLPMetrics_restart reads again what an earlier server took.
func TestOTLPMetrics_restart(t *testing.T) {
	cfg := Config{DataDir: t.TempDir()}
	first, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	request := padded(gauge("a", time.Now(), 3), 1, maxOTLPLabels, 1)
	if status, body := (metricsPost{body: marshal(t, request)}).send(t, first); status != 200 {
		t.Fatal(status, body)
	}
	want := first.otlp.store.Counts()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if got := startTest(t, cfg).otlp.store.Counts(); got != want || got.Samples != 2 {
		t.Errorf("after a restart %+v, want %+v with 2 samples", got, want)
	}
}

func TestOTLPHistogram_explicit(t *testing.T) {
	f := func(bounds []float64, counts []uint64, count uint64, want string) {
		t.Helper()
		h, err := explicitHistogram(&metricspb.HistogramDataPoint{ExplicitBounds: bounds, BucketCounts: counts, Count: count, Sum: proto.Float64(1)})
		got := fmt.Sprint(err)
		if err == nil {
			got = h.String()
		}
		if got != want {
			t.Errorf("bounds %v, counts %v of %d: %s, want %s", bounds, counts, count, got, want)
		}
	}
	f([]float64{1, 2}, []uint64{3, 0, 4}, 7, "{count:7, sum:1, [-Inf,1]:3, (2,+Inf]:4}")
	f([]float64{-2, 2, math.Inf(1)}, []uint64{3, 0, 4, 0}, 7, "{count:7, sum:1, [-Inf,-2]:3, (2,+Inf]:4}")
	f(nil, nil, 7, "{count:7, sum:1, [-Inf,+Inf]:7}")
	f(nil, []uint64{7}, 7, "{count:7, sum:1, [-Inf,+Inf]:7}")
	f([]float64{1}, []uint64{3}, 3, errBucketCount.Error())
	f([]float64{1}, []uint64{3, 1}, 3, errBuckets.Error())
	f([]float64{2, 1}, []uint64{1, 1, 1}, 3, "custom buckets: previous bound is 2.000000 and current is 1.000000: "+histogram.ErrHistogramCustomBucketsInvalid.Error())
	f([]float64{math.NaN()}, []uint64{1, 1}, 2, "custom buckets: "+histogram.ErrHistogramCustomBucketsNaN.Error())
}

func TestOTLPHistogram_exponential(t *testing.T) {
	f := func(scale, offset int32, counts []uint64, want string) {
		t.Helper()
		h, err := exponentialHistogram(&metricspb.ExponentialHistogramDataPoint{
			Scale: scale, Positive: &metricspb.ExponentialHistogramDataPoint_Buckets{Offset: offset, BucketCounts: counts},
			ZeroCount: 1, Count: sumOf(counts) + 1,
		})
		got := fmt.Sprint(err)
		if err == nil {
			got = h.String()
		}
		if got != want {
			t.Errorf("scale %d, offset %d, %v: %s, want %s", scale, offset, counts, got, want)
		}
	}
	f(0, 0, []uint64{1, 2}, "{count:4, sum:0, [-0,0]:1, (1,2]:1, (2,4]:2}")
	f(0, -1, []uint64{1, 0, 2}, "{count:4, sum:0, [-0,0]:1, (0.5,1]:1, (2,4]:2}")
	f(10, 0, []uint64{1, 1, 1, 1, 5}, "{count:10, sum:0, [-0,0]:1, (1,1.0027112750502025]:4, (1.0027112750502025,1.0054299011128027]:5}")
	f(20, 0, nil, "{count:1, sum:0, [-0,0]:1}")
	f(-4, 0, []uint64{1}, "{count:2, sum:0, [-0,0]:1, (1,65536]:1}")
	f(-5, 0, []uint64{1}, "scale -5 is under -4")
	f(8, math.MaxInt32, []uint64{1}, errOffset.Error())
	f(math.MaxInt32, math.MinInt32, []uint64{1}, "{count:2, sum:0, [-0,0]:1, (0.9972960560854698,1]:1}")
}

func TestRateLimit(t *testing.T) {
	limit := &rateLimit{most: 3, window: time.Second}
	f := func(at time.Duration, n, want int) {
		t.Helper()
		if got := limit.take(promTime0.Add(at), n); got != want {
			t.Errorf("at %v %d of %d pass, want %d", at, got, n, want)
		}
	}
	f(0, 2, 2)
	f(time.Millisecond, 2, 1)
	f(time.Second-1, 1, 0)
	f(time.Second, 9, 3)
	f(-time.Second, 1, 1) // the clock was set back
}

// FuzzOTLPMetrics holds that no request breaks the store or the engine.
func FuzzOTLPMetrics(f *testing.F) {
	now := time.Unix(1795435230, 0)
	for _, request := range []*metricspb.MetricsData{gauge("a", now, 2), otlpMetric(&metricspb.Metric{Name: "h", Data: &metricspb.Metric_ExponentialHistogram{
		ExponentialHistogram: &metricspb.ExponentialHistogram{AggregationTemporality: 1, DataPoints: []*metricspb.ExponentialHistogramDataPoint{{
			TimeUnixNano: uint64(now.UnixNano()), Scale: 3, Count: 3, Positive: &metricspb.ExponentialHistogramDataPoint_Buckets{Offset: -2, BucketCounts: []uint64{1, 2}},
		}}},
	}})} {
		body, err := proto.Marshal(request)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		request := &metricspb.MetricsData{}
		if proto.Unmarshal(body, request) != nil {
			return
		}
		o := newOTLPMetrics(1 << 20)
		checkMetrics(request, now)
		eachDatapoint(request, func(p *otlpPoint) {
			stored, rule, value := p.stored(Region)
			if rule != nil {
				_ = rule.message(value)
				return
			}
			o.store.Append(stored.labels, stored.sample)
			name := fmt.Sprintf("{__name__=%q}", stored.labels.Get("__name__"))
			at := time.UnixMilli(stored.sample.T)
			for _, expr := range []string{name, "rate(" + name + "[5m])", "histogram_quantile(0.9, sum_over_time(" + name + "[5m]))"} {
				_, _ = o.query(t.Context(), promQuery{Expr: expr, Start: at, Limit: maxPromQLSeries})
			}
		})
	})
}
