package localaws_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/localaws"
	"github.com/updraft-otel/updraft/metrics"
)

// callsOf is a client of srv that signs nothing anyone checks.
func callsOf(t *testing.T, srv *localaws.Server, service awsapi.Service) *awsapi.Client {
	t.Helper()
	c, err := awsapi.New(awsapi.Config{
		Service: service, Region: localaws.Region, Endpoint: srv.URL(),
		Credentials: credentials.NewStaticCredentialsProvider(localaws.AccessKeyID, localaws.SecretAccessKey, ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A datumSink is a metrics.Queue that sends datums in batches, and fails the
// test if one is refused.
type datumSink struct {
	t     *testing.T
	calls *awsapi.Client
	size  int
	batch map[string][][]byte
	total int
}

func (q *datumSink) Put(namespace string, _ time.Time, body []byte) error {
	if q.batch == nil {
		q.batch = map[string][][]byte{}
	}
	if q.size+len(body) > awsapi.MaxMetricDataBytes/2 || len(q.batch[namespace]) == awsapi.MaxMetricData {
		_ = q.Flush(q.t.Context())
	}
	q.size += len(body)
	q.total++
	q.batch[namespace] = append(q.batch[namespace], slices.Clone(body))
	return nil
}

func (q *datumSink) Flush(ctx context.Context) error {
	for namespace, batch := range q.batch {
		if err := q.calls.PutMetricData(ctx, namespace, len(batch), func(i int) []byte { return batch[i] }); err != nil {
			q.t.Errorf("%d datums: %v", len(batch), err)
		}
	}
	clear(q.batch)
	q.size = 0
	return nil
}

func (q *datumSink) Shutdown(ctx context.Context) error { return q.Flush(ctx) }

// A documentSink does the same with documents, by PutLogEvents.
type documentSink struct {
	t     *testing.T
	calls *awsapi.Client
	size  int
	batch []document
	total int
}

type document struct {
	millis int64
	line   []byte
}

func (q *documentSink) Put(_ string, at time.Time, line []byte) error {
	if q.size+len(line)+26 > 1<<20 || len(q.batch) == 10_000 {
		_ = q.Flush(q.t.Context())
	}
	q.size += len(line) + 26
	q.total++
	q.batch = append(q.batch, document{at.UnixMilli(), slices.Clone(line)})
	return nil
}

// Flush sends the batch in parts of a day, in order of time, as AWS asks.
func (q *documentSink) Flush(ctx context.Context) error {
	slices.SortStableFunc(q.batch, func(a, b document) int { return int(a.millis - b.millis) })
	for len(q.batch) > 0 {
		n := 1
		for n < len(q.batch) && q.batch[n].millis-q.batch[0].millis < 24*3600*1000 {
			n++
		}
		part := q.batch[:n]
		q.batch = q.batch[n:]
		rejected, err := q.calls.PutLogEvents(ctx, "/metrics/shop", "s", nil, n, func(i int) (int64, []byte) { return part[i].millis, part[i].line })
		if err != nil {
			q.t.Errorf("%d documents: %v", n, err)
		}
		for i := range part {
			if reason := rejected.Reason(i); reason != "" {
				q.t.Errorf("%s: %.300s", reason, part[i].line)
			}
		}
	}
	q.size = 0
	return nil
}

func (q *documentSink) Shutdown(ctx context.Context) error { return q.Flush(ctx) }

// distributions are what services measure, and what makes it hard. None goes
// below zero: CloudWatch has no percentiles of such.
func distributions() map[string]func(r *rand.Rand) float64 {
	return map[string]func(r *rand.Rand) float64{
		"uniform":     func(r *rand.Rand) float64 { return 0.001 + r.Float64() },
		"normal":      func(r *rand.Rand) float64 { return 100 + 10*r.NormFloat64() },
		"exponential": func(r *rand.Rand) float64 { return r.ExpFloat64() },
		"log-normal":  func(r *rand.Rand) float64 { return math.Exp(1.5 * r.NormFloat64()) },
		"Pareto":      func(r *rand.Rand) float64 { return math.Pow(1-r.Float64(), -1/2.5) },
		"Weibull":     func(r *rand.Rand) float64 { return 20 * math.Pow(r.ExpFloat64(), 1/0.7) },
		"gamma":       func(r *rand.Rand) float64 { return r.ExpFloat64() + r.ExpFloat64() + r.ExpFloat64() },
		"triangular":  func(r *rand.Rand) float64 { return 5 * (r.Float64() + r.Float64()) },
		"two_humps": func(r *rand.Rand) float64 {
			if r.IntN(10) < 7 {
				return 5 * math.Exp(0.3*r.NormFloat64())
			}
			return 800 * math.Exp(0.3*r.NormFloat64())
		},
		"chi-squared": func(r *rand.Rand) float64 { z := r.NormFloat64(); return z * z },
	}
}

const accuracySamples = 100_000

// accuracyBounds are those of the explicit histograms.
var accuracyBounds = []float64{
	-100, -50, -20, -10, 0, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5, 6, 7.5, 10, 25, 50, 75, 90, 95, 100, 105, 110, 125, 150,
	200, 250, 500, 750, 1000, 1500, 2500, 5000, 10000,
}

// TestMetricsAccuracy reads the percentiles back of what an SDK measured: both
// kinds of histogram, by both ways to CloudWatch.
func TestMetricsAccuracy(t *testing.T) {
	for _, road := range []string{"PutMetricData", "EMF"} {
		for _, kind := range []string{"exponential", "explicit"} {
			t.Run(road+"/"+kind, func(t *testing.T) { testAccuracy(t, road, kind) })
		}
	}
}

func testAccuracy(t *testing.T, road, kind string) {
	srv := startAt(t, localaws.Config{Now: time.Now})
	exporter := accuracyExporter(t, srv, road, kind)
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter, sdkmetric.WithInterval(time.Hour))))
	measured := map[string][]float64{}
	for name, draw := range distributions() {
		h, err := provider.Meter("m").Float64Histogram(name)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(7, 11))
		for range accuracySamples {
			v := draw(r)
			measured[name] = append(measured[name], v)
			h.Record(t.Context(), v)
		}
		slices.Sort(measured[name])
	}
	if err := provider.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for name, values := range measured {
		for i, got := range percentiles(t, srv, name) {
			want := values[int(math.Ceil(accuracyShares[i]*accuracySamples))-1]
			off := math.Abs(got - want)
			allowed := 0.01 * math.Abs(want)
			if kind == "explicit" {
				allowed = bucketWidth(want, values)
			}
			if !(off <= allowed) {
				t.Errorf("p%g of %s: got %v, measured %v", 100*accuracyShares[i], name, got, want)
			}
			worst = max(worst, off/math.Abs(want))
		}
	}
	if n := srv.Counts().Refused; n != 0 {
		t.Errorf("%d are refused: %+v", n, srv.Refused())
	}
	t.Logf("the worst is off by %.3f %%", 100*worst)
}

func accuracyExporter(t *testing.T, srv *localaws.Server, road, kind string) sdkmetric.Exporter {
	t.Helper()
	c := metrics.Config{Namespace: "shop", Aggregation: func(sdkmetric.InstrumentKind) sdkmetric.Aggregation {
		if kind == "explicit" {
			return sdkmetric.AggregationExplicitBucketHistogram{Boundaries: accuracyBounds}
		}
		return sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: 20} // the SDK's defaults
	}}
	var (
		exporter sdkmetric.Exporter
		err      error
	)
	if road == "EMF" {
		createStream(t, logsClient(srv), "/metrics/shop", "s")
		c.Queue = &documentSink{t: t, calls: callsOf(t, srv, awsapi.Logs)}
		exporter, err = metrics.NewEMFExporter(c)
	} else {
		c.Queue = &datumSink{t: t, calls: callsOf(t, srv, awsapi.CloudWatch)}
		exporter, err = metrics.NewExporter(c)
	}
	if err != nil {
		t.Fatal(err)
	}
	return exporter
}

var accuracyShares = []float64{0.5, 0.9, 0.99}

// percentiles are p50, p90 and p99 of a metric.
func percentiles(t *testing.T, srv *localaws.Server, name string) []float64 {
	t.Helper()
	in := &cloudwatch.GetMetricDataInput{StartTime: aws.Time(time.Now().Add(-24 * time.Hour)), EndTime: aws.Time(time.Now().Add(time.Hour))}
	for i, share := range accuracyShares {
		in.MetricDataQueries = append(in.MetricDataQueries, types.MetricDataQuery{
			Id: aws.String(fmt.Sprint("q", i)),
			MetricStat: &types.MetricStat{
				Period: aws.Int32(48 * 3600), Stat: aws.String(fmt.Sprintf("p%g", 100*share)),
				Metric: &types.Metric{Namespace: aws.String("shop"), MetricName: &name},
			},
		})
	}
	out, err := cloudwatchClient(srv).GetMetricData(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	list := make([]float64, len(accuracyShares))
	for i, r := range out.MetricDataResults {
		list[i] = math.NaN()
		if len(r.Values) == 1 {
			list[i] = r.Values[0]
		}
	}
	return list
}

// bucketWidth is that of the bucket that v lies in, within what was measured.
func bucketWidth(v float64, measured []float64) float64 {
	low, high := measured[0], measured[len(measured)-1]
	for _, b := range accuracyBounds {
		if b < v {
			low = max(low, b)
		} else {
			high = min(high, b)
			break
		}
	}
	return high - low
}
