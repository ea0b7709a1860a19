package localaws_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/localaws"
)

// promQL asks for the one value that a query has.
func promQL(t *testing.T, srv *localaws.Server, query string) float64 {
	t.Helper()
	address := srv.URL() + "/api/v1/query?query=" + url.QueryEscape(query)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	credentials, err := sdkConfig(srv).Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	empty := sha256.Sum256(nil)
	if err := v4.NewSigner().SignHTTP(t.Context(), credentials, req, hex.EncodeToString(empty[:]), "monitoring", localaws.Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Error string
		Data  struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Data.Result) != 1 {
		t.Errorf("%s: %d results: %+v", query, len(answer.Data.Result), answer)
		return math.NaN()
	}
	value, err := strconv.ParseFloat(fmt.Sprint(answer.Data.Result[0].Value[1]), 64)
	if err != nil {
		t.Error(err)
	}
	return value
}

// checkShopOTLP compares what PromQL tells with what recordShop recorded.
func checkShopOTLP(t *testing.T, srv *localaws.Server) {
	t.Helper()
	f := func(query string, want, tolerance float64) {
		t.Helper()
		if got := promQL(t, srv, query); math.IsNaN(got) || math.Abs(got-want) > tolerance*want {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	f(`{"orders","route"="/pay","@resource.service.name"="shop"}`, 3, 0)
	f(`{"stock"}`, 3, 0)
	f(`{"load"}`, 0.75, 0)
	f(`histogram_count({"duration"})`, 1000, 0)
	f(`histogram_sum({"duration"})`, 500.5, 1e-9)
	f(`histogram_quantile(0.5, {"duration"})`, 0.5, 0.03)
	f(`histogram_quantile(0.99, {"duration"})`, 0.99, 0.03)
}

// startOTLP starts the library with metrics going by OTLP to CloudWatch, signed.
func startOTLP(t *testing.T, srv *localaws.Server) *updraft.Telemetry {
	t.Helper()
	t.Setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", srv.URL()+"/v1/metrics")
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
	t.Setenv("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "base2_exponential_bucket_histogram")
	t.Setenv("AWS_SIGV4_SERVICE", "monitoring")
	return startMetrics(t, srv, updraft.ExporterOTLP)
}

// TestLibraryMetrics_otlp sends by OTLP through faults and asks by PromQL, with
// totals and with increases.
func TestLibraryMetrics_otlp(t *testing.T) {
	f := func(name, temporality string, fault func(*localaws.Call) *localaws.Fault) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			srv, err := localaws.Start(t.Context(), localaws.Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer srv.Control("", fault)()
			t.Setenv("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", temporality)
			tel := startOTLP(t, srv)
			recordShop(t, tel)
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			checkShopOTLP(t, srv)
			if r := tel.Report().Signals[0]; r.Delivered != 4 || r.DroppedTotal() != 0 || srv.Counts().Refused != 0 {
				t.Errorf("%+v", r)
			}
		})
	}
	sent := func(c *localaws.Call) bool {
		return len(c.Body) > 0 && c.Header.Get("Content-Type") == "application/x-protobuf"
	}
	f("totals", "", func(*localaws.Call) *localaws.Fault { return nil })
	f("increases", "delta", func(*localaws.Call) *localaws.Fault { return nil })
	f("throttled", "", func(c *localaws.Call) *localaws.Fault {
		if sent(c) && c.N < 3 {
			return localaws.Throttle()
		}
		return nil
	})
	f("unavailable", "", func(c *localaws.Call) *localaws.Fault {
		if sent(c) && c.N == 1 {
			return localaws.Unavailable()
		}
		return nil
	})
}

// TestLibraryMetrics_otlpLimits: what CloudWatch would refuse is not sent to it,
// and 1,000 points are in no request too many.
func TestLibraryMetrics_otlpLimits(t *testing.T) {
	srv, err := localaws.Start(t.Context(), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	tel := startOTLP(t, srv)
	recordShop(t, tel)
	counter, err := tel.MeterProvider().Meter("shop").Int64Counter("many")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1500 {
		counter.Add(t.Context(), 1, metric.WithAttributes(attribute.Int("i", i)))
	}
	var labels []attribute.KeyValue
	for i := range 150 {
		labels = append(labels, attribute.Int(fmt.Sprint("k", i), i))
	}
	wide, err := tel.MeterProvider().Meter("shop").Int64Counter("wide")
	if err != nil {
		t.Fatal(err)
	}
	wide.Add(t.Context(), 1, metric.WithAttributes(labels...))
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkShopOTLP(t, srv)
	if got := promQL(t, srv, `count({"many"})`); got != 1500 {
		t.Errorf("%v series", got)
	}
	if r := tel.Report().Signals[0]; r.Delivered != 1504 || r.Dropped["labels"] != 1 || srv.Counts().Refused != 0 {
		t.Errorf("%+v", r)
	}
}

// TestLibraryMetrics_otlpPoison: CloudWatch refuses each request that has a
// certain point.
func TestLibraryMetrics_otlpPoison(t *testing.T) {
	srv, err := localaws.Start(t.Context(), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Control("", func(c *localaws.Call) *localaws.Fault {
		if strings.Contains(string(c.Body), "poison") {
			return &localaws.Fault{StatusCode: 400, Code: "InvalidParameterValueException", Message: "A data point is not taken."}
		}
		return nil
	})()
	tel := startOTLP(t, srv)
	recordShop(t, tel)
	counter, err := tel.MeterProvider().Meter("shop").Int64Counter("many")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		name := fmt.Sprint("good", i)
		if i == 77 {
			name = "poison"
		}
		counter.Add(t.Context(), 1, metric.WithAttributes(attribute.String("name", name)))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := tel.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	checkShopOTLP(t, srv)
	if r := tel.Report().Signals[0]; r.Delivered != 203 || r.Dropped["refused"] != 1 || !strings.Contains(r.LastError, "is not taken") {
		t.Errorf("%+v", r)
	}
}
