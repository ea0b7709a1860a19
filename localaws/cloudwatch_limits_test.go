package localaws_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/updraft-otel/updraft/localaws"
)

func TestPutMetricData_limits(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	c := cloudwatchClient(srv)
	send := func(namespace string, data []types.MetricDatum) error {
		_, err := c.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{Namespace: &namespace, MetricData: data})
		return err
	}
	one := func(change func(*types.MetricDatum)) []types.MetricDatum {
		d := types.MetricDatum{MetricName: aws.String("m"), Value: aws.Float64(1)}
		change(&d)
		return []types.MetricDatum{d}
	}
	same := func(*types.MetricDatum) {}
	check := func(rule, code, text string, err error) {
		t.Helper()
		if rule == "" {
			if err != nil {
				t.Error(err)
			}
			return
		}
		wantError(t, err, code, text)
		if !slices.ContainsFunc(srv.Refused(), func(r localaws.Refusal) bool { return r.Rule.ID == rule }) {
			t.Errorf("%s is not among the refused", rule)
		}
	}
	good := func(change func(*types.MetricDatum)) { t.Helper(); check("", "", "", send("Shop", one(change))) }
	bad := func(rule, text string, change func(*types.MetricDatum)) {
		t.Helper()
		check(rule, "InvalidParameterValue", text, send("Shop", one(change)))
	}

	// namespace
	check("", "", "", send(strings.Repeat("n", 254), one(same)))
	check("", "", "", send(strings.Repeat("n", 255), one(same)))
	check("cloudwatch.length", "InvalidParameterValue", "The parameter Namespace must be shorter than 256 characters.", send(strings.Repeat("n", 256), one(same)))
	check("cloudwatch.required", "MissingParameter", "The parameter Namespace is required.", send("", one(same)))
	check("cloudwatch.namespace", "InvalidParameterValue", "The value :x for parameter Namespace is invalid.", send(":x", one(same)))
	check("cloudwatch.namespace", "InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.", send("AWS/EC2", one(same)))
	check("cloudwatch.ascii", "InvalidParameterValue", "The value for parameter Namespace contains non-ASCII characters.", send("Größe", one(same)))

	// metrics of a request
	many := func(n int) (data []types.MetricDatum) {
		for i := range n {
			data = append(data, datum(fmt.Sprintf("m%d", i), 0, 1))
		}
		return data
	}
	check("cloudwatch.required", "MissingParameter", "The parameter MetricData is required.", send("Shop", nil))
	check("", "", "", send("Shop", many(999)))
	check("", "", "", send("Shop", many(1000)))
	check("cloudwatch.datums", "InvalidParameterValue", "The collection MetricData must not have a size greater than 1000.", send("Shop", many(1001)))

	// name
	name := func(s string) func(*types.MetricDatum) { return func(d *types.MetricDatum) { d.MetricName = &s } }
	good(name(strings.Repeat("m", 255)))
	bad("cloudwatch.length", "The parameter MetricData.member.1.MetricName must be shorter than 256 characters.", name(strings.Repeat("m", 256)))
	check("cloudwatch.required", "MissingParameter", "The parameter MetricData.member.1.MetricName is required.", send("Shop", one(name(""))))
	bad("cloudwatch.ascii", "The value for parameter MetricData.member.1.MetricName contains non-ASCII characters.", name("ä"))

	// dimensions
	dimensions := func(pairs ...string) func(*types.MetricDatum) {
		return func(d *types.MetricDatum) {
			for i := 0; i < len(pairs); i += 2 {
				d.Dimensions = append(d.Dimensions, types.Dimension{Name: &pairs[i], Value: &pairs[i+1]})
			}
		}
	}
	count := func(n int) func(*types.MetricDatum) {
		var pairs []string
		for i := range n {
			pairs = append(pairs, fmt.Sprint("d", i), "v")
		}
		return dimensions(pairs...)
	}
	const first = "MetricData.member.1.Dimensions.member.1."
	good(count(29))
	good(count(30))
	bad("cloudwatch.dimensions", "The collection MetricData.member.1.Dimensions must not have a size greater than 30.", count(31))
	good(dimensions(strings.Repeat("d", 255), strings.Repeat("v", 1024)))
	bad("cloudwatch.length", "The parameter "+first+"Name must be shorter than 256 characters.", dimensions(strings.Repeat("d", 256), "v"))
	bad("cloudwatch.length", "The parameter "+first+"Value must be shorter than 1025 characters.", dimensions("d", strings.Repeat("v", 1025)))
	bad("cloudwatch.ascii", "The value for parameter "+first+"Value contains non-ASCII characters.", dimensions("d", "ä"))
	bad("cloudwatch.dimension.colon", "The value :d for parameter "+first+"Name is invalid.", dimensions(":d", "v"))
	bad("cloudwatch.dimension.blank", first+"Value must contain at least one non-whitespace character.", dimensions("d", "  "))
	bad("cloudwatch.dimension.twice", "must not contain the dimension d more than once", dimensions("d", "1", "d", "2"))
	check("cloudwatch.required", "MissingParameter", "The parameter "+first+"Value is required.", send("Shop", one(dimensions("d", ""))))

	// the three forms of values
	check("cloudwatch.value.missing", "MissingParameter", "At least one of the parameters MetricData.member.1.Value,",
		send("Shop", one(func(d *types.MetricDatum) { d.Value = nil })))
	bad("cloudwatch.value.values", "The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you have specified both.",
		func(d *types.MetricDatum) { d.Values = []float64{1} })
	set := &types.StatisticSet{SampleCount: aws.Float64(2), Sum: aws.Float64(3), Minimum: aws.Float64(1), Maximum: aws.Float64(2)}
	check("cloudwatch.value.set", "InvalidParameterCombination",
		"The parameters MetricData.member.1.Value and MetricData.member.1.StatisticValues are mutually exclusive and you have specified both.",
		send("Shop", one(func(d *types.MetricDatum) { d.StatisticValues = set })))
	good(func(d *types.MetricDatum) { d.Value, d.StatisticValues = nil, set })
	bad("cloudwatch.set", "StatisticValues.Maximum must be greater", func(d *types.MetricDatum) {
		d.Value = nil
		d.StatisticValues = &types.StatisticSet{SampleCount: aws.Float64(2), Sum: aws.Float64(3), Minimum: aws.Float64(3), Maximum: aws.Float64(2)}
	})
	values := func(n, counts int) func(*types.MetricDatum) {
		return func(d *types.MetricDatum) {
			d.Value = nil
			for i := range n {
				d.Values = append(d.Values, float64(i))
			}
			d.Counts = slices.Repeat([]float64{1}, counts)
		}
	}
	good(values(149, 0))
	good(values(150, 150))
	bad("cloudwatch.values.count", "The collection MetricData.member.1.Values must not have a size greater than 150.", values(151, 0))
	bad("cloudwatch.values.counts", "The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size.", values(3, 2))

	// numbers
	value := func(v float64) func(*types.MetricDatum) { return func(d *types.MetricDatum) { d.Value = &v } }
	limit := math.Ldexp(1, 360)
	good(value(math.Nextafter(limit, 0)))
	good(value(limit))
	good(value(-limit))
	bad("cloudwatch.value.range", "for parameter MetricData.member.1.Value is invalid.", value(math.Nextafter(limit, math.Inf(1))))
	bad("cloudwatch.value.range", "The value -4.69", value(-2*limit))
	good(value(0))
	good(value(math.Ldexp(1, -360)))
	bad("cloudwatch.value.tiny", "The value 0 for parameter MetricData.member.1.Value is invalid.", value(math.Ldexp(1, -361)))
	bad("cloudwatch.value.finite", "The value NaN for parameter MetricData.member.1.Value is invalid.", value(math.NaN()))
	bad("cloudwatch.value.finite", "The value Infinity for parameter", value(math.Inf(1)))
	bad("cloudwatch.value.finite", "The value -Infinity for parameter", value(math.Inf(-1)))
	bad("cloudwatch.value.finite", "The value NaN for parameter MetricData.member.1.Values is invalid.", func(d *types.MetricDatum) {
		d.Value, d.Values = nil, []float64{1, math.NaN()}
	})
	bad("cloudwatch.count", "The value -1 for parameter MetricData.member.1.Counts is invalid.", func(d *types.MetricDatum) {
		d.Value, d.Values, d.Counts = nil, []float64{1}, []float64{-1}
	})
	bad("cloudwatch.count", "for parameter MetricData.member.1.Counts is invalid.", func(d *types.MetricDatum) {
		d.Value, d.Values, d.Counts = nil, []float64{limit}, []float64{1e300}
	})

	// unit, resolution, time
	good(func(d *types.MetricDatum) { d.Unit = types.StandardUnitTerabitsSecond })
	bad("cloudwatch.unit", "The parameter MetricData.member.1.Unit must be a value in the set [ Seconds, Microseconds,", func(d *types.MetricDatum) { d.Unit = "seconds" })
	for _, r := range []int32{1, 60} {
		good(func(d *types.MetricDatum) { d.StorageResolution = &r })
	}
	for _, r := range []int32{2, 59, 61, 300} {
		bad("cloudwatch.resolution", "The parameter MetricData.member.1.StorageResolution must be a value in the set [ 1, 60 ].",
			func(d *types.MetricDatum) { d.StorageResolution = &r })
	}
	at := func(ago time.Duration) func(*types.MetricDatum) {
		return func(d *types.MetricDatum) { d.Timestamp = aws.Time(testNow.Add(-ago)) }
	}
	const fortnight = 14 * 24 * time.Hour
	good(at(fortnight - time.Second))
	good(at(fortnight))
	bad("cloudwatch.timestamp.past", "The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks.", at(fortnight+time.Second))
	good(at(-2*time.Hour + time.Second))
	good(at(-2 * time.Hour))
	bad("cloudwatch.timestamp.future", "MetricData.member.1.Timestamp must specify a time no more than two hours in the future.", at(-2*time.Hour-time.Second))
}

func TestPutMetricData_allOrNothing(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	c := cloudwatchClient(srv)
	_, err := c.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{
		Namespace: aws.String("Shop"), MetricData: []types.MetricDatum{datum("good", 0, 1), datum("", 0, 1), datum("x", 0, math.NaN())},
	})
	wantError(t, err, "MissingParameter", "The parameter MetricData.member.2.MetricName is required.\nThe value NaN for parameter MetricData.member.3.Value is invalid.")
	if n := srv.Counts().MetricDatums; n != 0 {
		t.Errorf("%d datums are stored", n)
	}
	list := srv.Refused()
	if len(list) != 2 || list[0].Field != "MetricData.member.3.Value" || !strings.Contains(list[0].Item, `"Value":"NaN"`) {
		t.Errorf("refused: %+v", list)
	}
}

func TestPutMetricData_size(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	var data []types.MetricDatum
	for i := range 1000 {
		data = append(data, datum(fmt.Sprintf("m%d", i), 0, 1, "d", strings.Repeat("v", 1000)))
	}
	_, err := cloudwatchClient(srv).PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("Shop"), MetricData: data})
	wantError(t, err, "RequestEntityTooLargeException", "exceeds the limit of 1048576 bytes")
}

func TestPutMetricData_entity(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	c := cloudwatchClient(srv)
	send := func(strict *bool, sets int, keys map[string]string) error {
		in := &cloudwatch.PutMetricDataInput{Namespace: aws.String("Shop"), StrictEntityValidation: strict}
		for range sets {
			in.EntityMetricData = append(in.EntityMetricData, types.EntityMetricData{
				Entity: &types.Entity{KeyAttributes: keys}, MetricData: []types.MetricDatum{datum("m", 0, 1)},
			})
		}
		_, err := c.PutMetricData(t.Context(), in)
		return err
	}
	service := map[string]string{"Type": "Service", "Name": "web", "Environment": "prod"}
	half := map[string]string{"Type": "Service", "Name": "web"}
	if err := send(aws.Bool(true), 2, service); err != nil {
		t.Error(err)
	}
	wantError(t, send(aws.Bool(true), 3, service), "InvalidParameterValue", "EntityMetricData must not have a size greater than 2")
	wantError(t, send(nil, 1, service), "MissingParameter", "StrictEntityValidation is required")
	wantError(t, send(aws.Bool(true), 1, half), "InvalidParameterValue", "MissingRequiredFields")
	if err := send(aws.Bool(false), 1, half); err != nil {
		t.Error(err)
	}
	refusedBy(t, srv, "cloudwatch.entity")
	if err := send(aws.Bool(false), 3, service); err != nil {
		t.Error(err)
	}
	refusedBy(t, srv, "cloudwatch.entity.count")
	if n := srv.Counts().MetricDatums; n != 6 {
		t.Errorf("%d datums are stored, want 6", n)
	}
}

func TestGetMetricData_limits(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	c := cloudwatchClient(srv)
	f := func(rule, code, text string, change func(*cloudwatch.GetMetricDataInput)) {
		t.Helper()
		in := &cloudwatch.GetMetricDataInput{
			StartTime: aws.Time(testNow.Add(-time.Hour)), EndTime: aws.Time(testNow),
			MetricDataQueries: []types.MetricDataQuery{statQuery("m1", "Sum", 60)},
		}
		change(in)
		_, err := c.GetMetricData(t.Context(), in)
		if rule == "" {
			if err != nil {
				t.Error(err)
			}
			return
		}
		wantError(t, err, code, text)
		refusedBy(t, srv, rule)
	}
	queries := func(n int) func(*cloudwatch.GetMetricDataInput) {
		return func(in *cloudwatch.GetMetricDataInput) {
			in.MetricDataQueries = nil
			for i := range n {
				in.MetricDataQueries = append(in.MetricDataQueries, statQuery(fmt.Sprintf("m%d", i), "Sum", 60))
			}
		}
	}
	query := func(q types.MetricDataQuery) func(*cloudwatch.GetMetricDataInput) {
		return func(in *cloudwatch.GetMetricDataInput) { in.MetricDataQueries = []types.MetricDataQuery{q} }
	}
	points := func(n int32) func(*cloudwatch.GetMetricDataInput) {
		return func(in *cloudwatch.GetMetricDataInput) { in.MaxDatapoints = &n }
	}
	f("", "", "", queries(500))
	f("cloudwatch.query.count", "ValidationError", "size greater than 500", queries(501))
	f("cloudwatch.required", "MissingParameter", "The parameter MetricDataQueries is required.", func(in *cloudwatch.GetMetricDataInput) {
		in.MetricDataQueries = []types.MetricDataQuery{}
	})
	f("", "", "", query(statQuery("aB_9", "p99.9", 60)))
	f("cloudwatch.query.id", "ValidationError", "^[a-z][a-zA-Z0-9_]*$", query(statQuery("M1", "Sum", 60)))
	f("cloudwatch.query.twice", "ValidationError", "not unique: m1", func(in *cloudwatch.GetMetricDataInput) {
		in.MetricDataQueries = append(in.MetricDataQueries, in.MetricDataQueries[0])
	})
	f("cloudwatch.query.stat", "ValidationError", "The value for parameter MetricDataQueries.member.1.MetricStat.Stat is not a valid statistic.", query(statQuery("m", "p101", 60)))
	for _, period := range []int32{1, 5, 10, 20, 30, 60, 120, 3600} {
		f("", "", "", query(statQuery("m", "Sum", period)))
	}
	for _, period := range []int32{0, 2, 15, 59, 61, 90} {
		f("cloudwatch.query.period", "ValidationError", "multiple of 60", query(statQuery("m", "Sum", period)))
	}
	f("cloudwatch.query.kind", "ValidationError", "exactly one", query(types.MetricDataQuery{Id: aws.String("e")}))
	f("cloudwatch.query.times", "ValidationError", "The parameter StartTime must not equal parameter EndTime.", func(in *cloudwatch.GetMetricDataInput) { in.EndTime = in.StartTime })
	f("cloudwatch.query.times", "ValidationError", "The parameter EndTime must be greater than StartTime.", func(in *cloudwatch.GetMetricDataInput) {
		in.StartTime, in.EndTime = in.EndTime, in.StartTime
	})
	f("cloudwatch.query.datapoints", "ValidationError", "MaxDatapoints", points(0))
	f("", "", "", points(1))
	f("", "", "", points(100_800))
	f("cloudwatch.query.datapoints", "ValidationError", "MaxDatapoints", points(100_801))
	_, err := c.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(testNow.Add(-time.Hour)), EndTime: aws.Time(testNow), NextToken: aws.String("x"),
		MetricDataQueries: []types.MetricDataQuery{statQuery("m1", "Sum", 60)},
	})
	wantError(t, err, "InvalidNextToken", "")
}

func TestGetMetricStatistics_limits(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	c := cloudwatchClient(srv)
	f := func(rule, code, text string, change func(*cloudwatch.GetMetricStatisticsInput)) {
		t.Helper()
		in := &cloudwatch.GetMetricStatisticsInput{
			Namespace: aws.String("Shop"), MetricName: aws.String("m"), Period: aws.Int32(60), Statistics: []types.Statistic{"Sum"},
			StartTime: aws.Time(testNow.Truncate(time.Minute).Add(-time.Hour)), EndTime: aws.Time(testNow.Truncate(time.Minute)),
		}
		change(in)
		_, err := c.GetMetricStatistics(t.Context(), in)
		if rule == "" {
			if err != nil {
				t.Error(err)
			}
			return
		}
		wantError(t, err, code, text)
		refusedBy(t, srv, rule)
	}
	type input = cloudwatch.GetMetricStatisticsInput
	back := func(minutes int) func(*input) {
		return func(in *input) { in.StartTime = aws.Time(in.EndTime.Add(-time.Duration(minutes) * time.Minute)) }
	}
	f("", "", "", back(1439))
	f("", "", "", back(1440))
	f("cloudwatch.statistics.points", "InvalidParameterCombination",
		"You have requested up to 1441 datapoints, which exceeds the limit of 1440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.", back(1441))
	f("cloudwatch.statistics.times", "InvalidParameterCombination", "must be less than", back(0))
	f("cloudwatch.statistics.either", "InvalidParameterCombination", "Must specify either Statistics or ExtendedStatistics", func(in *input) { in.Statistics = nil })
	f("cloudwatch.statistics.either", "InvalidParameterCombination", "Must specify either", func(in *input) { in.ExtendedStatistics = []string{"p50"} })
	f("", "", "", func(in *input) { in.Statistics = slices.Repeat([]types.Statistic{"Sum"}, 5) })
	f("cloudwatch.statistics.count", "InvalidParameterValue", "The collection Statistics must not have a size greater than 5.", func(in *input) {
		in.Statistics = slices.Repeat([]types.Statistic{"Sum"}, 6)
	})
	extended := func(n int, name string) func(*input) {
		return func(in *input) { in.Statistics, in.ExtendedStatistics = nil, slices.Repeat([]string{name}, n) }
	}
	f("", "", "", extended(10, "p99"))
	f("cloudwatch.statistics.count", "InvalidParameterValue", "The collection ExtendedStatistics must not have a size greater than 10.", extended(11, "p99"))
	f("cloudwatch.statistics.extended", "InvalidParameterValue", "The value p101 for parameter ExtendedStatistics.member.1", extended(1, "p101"))
	f("cloudwatch.statistics.name", "InvalidParameterValue", "Statistics.member.1 must be a value in the set", func(in *input) { in.Statistics = []types.Statistic{"p99"} })
	f("cloudwatch.statistics.period", "InvalidParameterValue", "multiple of 60", func(in *input) { in.Period = aws.Int32(90) })
	f("cloudwatch.unit", "InvalidParameterValue", "The parameter Unit must be a value in the set", func(in *input) { in.Unit = "pounds" })
}
