package localaws

import (
	"errors"
	"testing"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// Whatever a body says, an operation of Logs or CloudWatch answers, or refuses
// with an error of AWS's; it does not panic and does not fail inside.
func FuzzTelemetryOperations(f *testing.F) {
	for _, seed := range []string{
		`{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":1795435230000,"message":"m"},null],"entity":{"keyAttributes":{"Type":"Service"}}}`,
		`{"logGroupName":"g","filterPattern":"{ $.a = 1 }","startTime":0,"endTime":9,"limit":3,"logStreamNamePrefix":"s","nextToken":"x"}`,
		`{"logGroupIdentifier":"arn:aws:logs:us-east-1:000000000000:log-group:g:*","logStreamName":"s","nextToken":"f/0","startFromHead":true}`,
		`{"orderBy":"LastEventTime","descending":true,"logGroupName":"g"}`,
		`{"Namespace":"N","MetricData":[{"MetricName":"m","Value":"NaN","Dimensions":[{"Name":"d"},null]},{"StatisticValues":{}},{"Values":[1],"Counts":[]}],"EntityMetricData":[{}]}`,
		`{"Namespace":"N","MetricData":[{"MetricName":"m","Values":[1,2,3],"Counts":[0,0,0]}]}`,
		`{"MetricDataQueries":[{"Id":"m","MetricStat":{"Metric":{"Namespace":"N","MetricName":"m"},"Period":60,"Stat":"p99"}},{"Id":"e","Expression":"m*2"},null],"StartTime":0,"EndTime":1795435230.5,"MaxDatapoints":1}`,
		`{"Namespace":"N","MetricName":"m","Period":60,"StartTime":-1e300,"EndTime":"2026-11-23T12:00:00Z","Statistics":["Sum"]}`,
		`{"logGroupName":"g","queryString":"fields @message | filter a > 1 | stats count(*) by bin(1m)","startTime":0,"endTime":1795435230,"limit":3,"status":"Complete"}`,
		`{"logGroupNames":["g"],"queryString":"parse","startTime":-1,"endTime":9223372036854775807,"queryId":"x","maxItems":0,"logRecordPointer":"ZwpzCjA"}`,
		`{"Dimensions":[{"Value":"v"}],"RecentlyActive":"PT3H","NextToken":"eA"}`,
	} {
		f.Add([]byte(seed))
	}
	now := time.Date(2026, 11, 23, 12, 0, 30, 0, time.UTC)
	srv := newServer(Config{Now: func() time.Time { return now }}.withDefaults())
	addLogs(srv.logs, "s", []int64{now.UnixMilli()}, "m")
	addMetrics(srv.metrics, now, testDatum("m", now, 1, 60))
	operations := append(logsOperations(), cloudwatchOperations()...)
	f.Fuzz(func(t *testing.T, body []byte) {
		for i := range operations {
			op := &operations[i]
			c := &call{srv: srv, now: now, op: op, protocol: wire.JSON11, body: body}
			out, err := op.run(c, wire.NewInput(wire.JSON11, body))
			var e *wire.Error
			if err != nil && !errors.As(err, &e) {
				t.Errorf("%s fails inside: %v", op.name, err)
			}
			if err == nil {
				if _, err := wire.Encode(wire.JSON11, op.name, "id", out); err != nil {
					t.Errorf("%s: %v", op.name, err)
				}
			}
		}
	})
}
