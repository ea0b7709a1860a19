package localaws

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/prometheus/client_golang/api"
	promapi "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
)

// signedTransport signs each request for monitoring, as a proxy or a plugin in
// front of a Prometheus client does.
type signedTransport struct {
	t      *testing.T
	srv    *Server
	region string
}

func (s signedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	req = req.Clone(req.Context())
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	config := sdkConfig(s.srv)
	keys, err := config.Credentials.Retrieve(req.Context())
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(req.Context(), keys, req, hex.EncodeToString(sum[:]), "monitoring", s.region, time.Now()); err != nil {
		return nil, err
	}
	return http.DefaultTransport.RoundTrip(req)
}

// promClient is Prometheus' own client of the server.
func promClient(t *testing.T, srv *Server) promapi.API {
	t.Helper()
	client, err := api.NewClient(api.Config{Address: srv.URL(), RoundTripper: signedTransport{t, srv, Region}})
	if err != nil {
		t.Fatal(err)
	}
	return promapi.NewAPI(client)
}

// meter is OpenTelemetry's SDK with its own OTLP exporter to the server.
func meter(t *testing.T, srv *Server, options ...sdkmetric.Option) (metric.Meter, *sdkmetric.MeterProvider) {
	t.Helper()
	exporter, err := otlpmetrichttp.New(t.Context(),
		otlpmetrichttp.WithEndpointURL(srv.URL()+"/v1/metrics"),
		otlpmetrichttp.WithCompression(otlpmetrichttp.GzipCompression),
		otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig{}),
		otlpmetrichttp.WithTemporalitySelector(func(k sdkmetric.InstrumentKind) metricdata.Temporality {
			if k == sdkmetric.InstrumentKindUpDownCounter || k == sdkmetric.InstrumentKindCounter {
				return metricdata.CumulativeTemporality
			}
			return metricdata.DeltaTemporality
		}),
		otlpmetrichttp.WithHTTPClient(&http.Client{Transport: signedTransport{t, srv, "eu-west-1"}}))
	if err != nil {
		t.Fatal(err)
	}
	options = append(options,
		sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter, sdkmetric.WithInterval(time.Hour))),
		sdkmetric.WithResource(resource.NewSchemaless(attribute.String("service.name", "shop"), attribute.Int("replica", 2))))
	provider := sdkmetric.NewMeterProvider(options...)
	t.Cleanup(func() { _ = provider.Shutdown(context.WithoutCancel(t.Context())) })
	return provider.Meter("shop/checkout", metric.WithInstrumentationVersion("1.2.0")), provider
}

// TestPrometheusClient sends by OpenTelemetry's SDK and asks by Prometheus' client.
func TestPrometheusClient(t *testing.T) {
	srv := startTest(t, Config{})
	shop, provider := meter(t, srv, sdkmetric.WithView(sdkmetric.NewView(
		sdkmetric.Instrument{Name: "queue.wait"},
		sdkmetric.Stream{Aggregation: sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: 20}},
	)))
	requests, err := shop.Int64Counter("http.server.requests", metric.WithUnit("{request}"))
	if err != nil {
		t.Fatal(err)
	}
	duration, err := shop.Float64Histogram("http.server.request.duration", metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(0.1, 0.2, 0.5, 1))
	if err != nil {
		t.Fatal(err)
	}
	wait, err := shop.Float64Histogram("queue.wait", metric.WithUnit("s"))
	if err != nil {
		t.Fatal(err)
	}
	cart := metric.WithAttributes(attribute.String("http.route", "/cart"), attribute.Int("status", 200))
	requests.Add(t.Context(), 42, cart)
	for i := range 1000 {
		duration.Record(t.Context(), float64(i)/1000, cart)
		wait.Record(t.Context(), float64(i+1)/100, cart)
	}
	if err := provider.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	client := promClient(t, srv)
	query := func(expr string) model.Vector {
		t.Helper()
		v, warnings, _, err := client.Query(t.Context(), expr, time.Now())
		if err != nil || len(warnings) > 0 {
			t.Fatalf("%s: %v, warnings %v", expr, err, warnings)
		}
		vector, isVector := v.(model.Vector)
		if !isVector || len(vector) != 1 {
			t.Fatalf("%s: %v, want one sample", expr, v)
		}
		return vector
	}

	got := query(`{"http.server.requests", "@resource.service.name"="shop", "http.route"="/cart"}`)[0]
	want := model.Metric{
		"__name__": "http.server.requests", "__type__": "Sum", "__temporality__": "cumulative", "__monotonicity__": "true", "__unit__": "{request}",
		"@resource.service.name": "shop", "@resource.replica": "2", "@instrumentation.@name": "shop/checkout", "@instrumentation.@version": "1.2.0",
		"@aws.account": AccountID, "@aws.region": "eu-west-1", "http.route": "/cart", "status": "200",
	}
	if got.Value != 42 || !got.Metric.Equal(want) {
		t.Errorf("the counter is\n%v\nwant 42 with\n%v", got, want)
	}
	if got := query(`{"@datapoint.@name"="http.server.requests", "@datapoint.http.route"=~"/c.*"}`)[0]; got.Value != 42 {
		t.Errorf("by the prefixes of data points the counter is %v", got)
	}
	if got := query(`sum by ("@datapoint.http.route") ({"http.server.requests"})`)[0]; !got.Metric.Equal(model.Metric{"http.route": "/cart"}) {
		t.Errorf("grouped by a prefixed label: %v", got)
	}

	explicit := query(`{"http.server.request.duration"}`)[0]
	if explicit.Metric["__type__"] != "Histogram" || explicit.Metric["__temporality__"] != "delta" || explicit.Histogram == nil ||
		explicit.Histogram.Count != 1000 || len(explicit.Histogram.Buckets) != 4 {
		t.Fatalf("the explicit histogram is %v", explicit)
	}
	if b := explicit.Histogram.Buckets[3]; b.Lower != 0.5 || b.Upper != 1 || b.Count != 499 || b.Boundaries != 0 {
		t.Errorf("its last bucket is %v, want (0.5, 1] with 499", b)
	}
	if got := query(`histogram_quantile(0.5, {"http.server.request.duration"})`)[0].Value; math.Abs(float64(got)-0.5) > 0.01 {
		t.Errorf("p50 of the explicit histogram is %v, want 0.5", got)
	}
	if got := query(`histogram_quantile(0.9, {"queue.wait"})`)[0].Value; math.Abs(float64(got)-9) > 0.09 {
		t.Errorf("p90 of the exponential histogram is %v, want 9 within 1 %%", got)
	}
	if got := query(`histogram_avg({"queue.wait"})`)[0].Value; math.Abs(float64(got)-5.005) > 1e-9 {
		t.Errorf("mean of the exponential histogram is %v, want 5.005", got)
	}
	testPromDiscovery(t, client)
	testSeparatePlane(t, srv)
}

func testPromDiscovery(t *testing.T, client promapi.API) {
	t.Helper()
	from, to := time.Now().Add(-time.Hour), time.Now().Add(time.Minute)
	values, _, _, err := client.LabelValues(t.Context(), "__name__", nil, from, to)
	if err != nil || !slices.Equal(values, model.LabelValues{"http.server.request.duration", "http.server.requests", "queue.wait"}) {
		t.Errorf("metric names are %v, %v", values, err)
	}
	names, _, _, err := client.LabelNames(t.Context(), []string{`{"queue.wait"}`}, from, to)
	if err != nil || !slices.Contains(names, "@resource.service.name") || slices.Contains(names, "__monotonicity__") {
		t.Errorf("label names of a histogram are %v, %v", names, err)
	}
	series, _, _, err := client.Series(t.Context(), []string{`{"queue.wait"}`, `{__name__="http.server.requests"}`}, from, to)
	if err != nil || len(series) != 2 || series[0]["__name__"] != "http.server.requests" {
		t.Errorf("series are %v, %v", series, err)
	}
	matrix, _, _, err := client.QueryRange(t.Context(), `{"http.server.requests"} * 2`, promapi.Range{Start: time.Now(), End: time.Now().Add(3 * time.Minute), Step: time.Minute})
	if err != nil || matrix.String() == "" || len(matrix.(model.Matrix)[0].Values) != 4 {
		t.Errorf("the range is %v, %v", matrix, err)
	}
}

// testSeparatePlane holds that the older API does not see OTLP metrics.
func testSeparatePlane(t *testing.T, srv *Server) {
	t.Helper()
	out, err := cloudwatch.NewFromConfig(sdkConfig(srv)).ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{})
	if err != nil || len(out.Metrics) != 0 {
		t.Errorf("ListMetrics tells of %v, %v", out, err)
	}
}

// TestPromQL_refusals asks as a client would not.
func TestPromQL_refusals(t *testing.T) {
	srv := startTest(t, Config{})
	client := &http.Client{Transport: signedTransport{t, srv, Region}}
	f := func(path string, form url.Values, status int, text string) {
		t.Helper()
		resp, err := client.PostForm(srv.URL()+path, form)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != status || !strings.Contains(string(body), text) {
			t.Errorf("%s %v: %d %s, want %d and %s", path, form, resp.StatusCode, body, status, text)
		}
	}
	q := func(pairs ...string) url.Values {
		out := url.Values{}
		for i := 0; i+1 < len(pairs); i += 2 {
			out.Add(pairs[i], pairs[i+1])
		}
		return out
	}
	f("/api/v1/query", q(), 400, `"errorType":"bad_data"`)
	f("/api/v1/query", q("query", "a.b"), 400, `parse error`)
	f("/api/v1/query", q("query", `{job="x"}`), 400, `has to name a metric`)
	f("/api/v1/query", q("query", `{__name__=~"x.*"}`), 400, `has to name a metric`)
	f("/api/v1/query", q("query", "x", "time", "soon"), 400, `cannot parse \"soon\" to a valid timestamp`)
	f("/api/v1/query", q("query", "x", "limit", "501"), 400, `from 1 to 500`)
	f("/api/v1/query", q("query", "x"), 200, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
	f("/api/v1/query", q("query", "1", "time", "2026-11-23T00:00:00.5Z"), 200, `"result":[1795392000.500,"1"]`)
	f("/api/v1/query", q("query", `"text"`, "time", "5"), 200, `{"resultType":"string","result":[5,"text"]}`)
	f("/api/v1/query", q("query", "rate(x[7d])"), 200, `"success"`)
	f("/api/v1/query", q("query", "rate(x[169h])"), 422, `more than 168h0m0s`)
	f("/api/v1/query", q("query", "max_over_time(rate(x[1d])[7d:1h])"), 422, `more than 168h0m0s`)
	f("/api/v1/query_range", q("query", "x", "start", "0", "end", "604800", "step", "1h"), 200, `"matrix"`)
	f("/api/v1/query_range", q("query", "x", "start", "0", "end", "604801", "step", "1h"), 422, `"errorType":"execution"`)
	f("/api/v1/query_range", q("query", "x", "start", "9", "end", "8", "step", "1"), 400, `must not be before start`)
	f("/api/v1/query_range", q("query", "x", "start", "8", "end", "9", "step", "0"), 400, `step`)
	f("/api/v1/query_range", q("query", "x", "start", "8", "end", "9", "step", "NaN"), 400, `step`)
	f("/api/v1/query_range", q("query", "x", "end", "9", "step", "1"), 400, `\"start\": is required`)
	f("/api/v1/query", q("query", strings.Repeat("(", 500_000)+"1"+strings.Repeat(")", 500_000)), 400, `more than 16384`)
	f("/api/v1/query", q("query", "1"+strings.Repeat("+1", 500_000)), 400, `more than 16384`)
	f("/api/v1/query", q("query", "1"+strings.Repeat("+1", 5_000)), 200, `"5001"`)
	f("/api/v1/query", q("query", "count_over_time(vector(1)[10000d:1ms])"), 422, `more than 100000`)
	f("/api/v1/query", q("query", "count_over_time(count_over_time(vector(1)[7d:1s])[7d:1h])"), 422, `more than 100000`)
	f("/api/v1/query", q("query", "count_over_time(count_over_time(vector(1)[1h:1s] @ 5)[7d:10s])"), 200, `"60480"`)
	f("/api/v1/query_range", q("query", "1", "start", "0", "end", "604800", "step", "1ms"), 422, `more than 100000`)
	f("/api/v1/series", q("match[]", `x{a="`+strings.Repeat("b", 20_000)+`"}`, "start", "0", "end", "9"), 400, `more than 16384`)
	f("/api/v1/series", q("start", "0", "end", "9"), 400, `match[]`)
	f("/api/v1/series", q("match[]", `{a="b"}`, "start", "0", "end", "9"), 400, `has to name a metric`)
	f("/api/v1/labels", q("limit", "10001"), 400, `from 1 to 10000`)
	f("/api/v1/labels", q(), 200, `"data":[]`)
	f("/api/v1/label/job/values", q(), 404, `"status":"error"`) // by GET only
	f("/api/v1/rules", q(), 404, `"status":"error"`)
	for _, r := range srv.Refused() {
		if strings.HasPrefix(r.Rule.ID, "cloudwatch.promql.") && (r.Item == "" && r.Rule.ID != "cloudwatch.promql.parameter" || !r.Call) {
			t.Errorf("the refusal of %s is not kept with the query: %+v", r.Rule.ID, r)
		}
	}
}
