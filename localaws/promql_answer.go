package localaws

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
)

// Answers in the JSON of Prometheus' HTTP API; see
// https://prometheus.io/docs/prometheus/latest/querying/api/

// A promAnswer is an answer of the API that says yes.
type promAnswer struct {
	Status   string   `json:"status"`
	Data     any      `json:"data"`
	Warnings []string `json:"warnings,omitempty"`
	Infos    []string `json:"infos,omitempty"`

	truncated        int // series or labels found, where they were too many
	scanned, samples int // what a query has read
}

// promData is the data of a query's answer.
type promData struct {
	ResultType parser.ValueType `json:"resultType"`
	Result     json.RawMessage  `json:"result"`
}

// Texts of truncated answers: AWS's, from promqlQueryPage, at its own limit, and
// Prometheus' at the one that was asked for.
const (
	truncatedByAWS    = "result truncated to the maximum of %d %s; refine the query or use the limit parameter"
	truncatedByClient = "results truncated due to limit"
)

// maxAnnotations is how many warnings an answer has, and infos; Prometheus' number.
const maxAnnotations = 10

func answerOf(result *promql.Result, query string, limit int) *promAnswer {
	answer := &promAnswer{Status: "success"}
	answer.Warnings, answer.Infos = result.Warnings.AsStrings(query, maxAnnotations, maxAnnotations)
	data := promData{ResultType: result.Value.Type()}
	switch v := result.Value.(type) {
	case promql.Vector:
		n := answer.cut(len(v), limit, maxPromQLSeries, "series")
		data.Result = appendList(nil, n, func(dst []byte, i int) []byte { return appendSample(dst, &v[i]) })
	case promql.Matrix:
		n := answer.cut(len(v), limit, maxPromQLSeries, "series")
		data.Result = appendList(nil, n, func(dst []byte, i int) []byte { return appendSeries(dst, &v[i]) })
	case promql.Scalar:
		data.Result = appendPoint(nil, v.T, v.V)
	case promql.String:
		data.Result = append(appendQuoted(append(appendMillis([]byte{'['}, v.T), ','), v.V), ']')
	}
	answer.Data = data
	return answer
}

// cut is how many of n things an answer may have, and tells of the rest.
func (a *promAnswer) cut(n, limit, most int, things string) int {
	switch {
	case n <= limit:
		return n
	case limit < most:
		a.Warnings = append(a.Warnings, truncatedByClient)
	default:
		a.Warnings = append(a.Warnings, fmt.Sprintf(truncatedByAWS, most, things))
		a.truncated = n
	}
	return limit
}

func appendList(dst []byte, n int, item func(dst []byte, i int) []byte) []byte {
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = item(dst, i)
	}
	return append(dst, ']')
}

func appendSample(dst []byte, s *promql.Sample) []byte {
	dst = appendMetric(append(dst, `{"metric":`...), s.Metric)
	if s.H != nil {
		dst = appendHistogramPoint(append(dst, `,"histogram":`...), s.T, s.H)
	} else {
		dst = appendPoint(append(dst, `,"value":`...), s.T, s.F)
	}
	return append(dst, '}')
}

func appendSeries(dst []byte, s *promql.Series) []byte {
	dst = appendMetric(append(dst, `{"metric":`...), s.Metric)
	if len(s.Floats) > 0 {
		dst = appendList(append(dst, `,"values":`...), len(s.Floats), func(dst []byte, i int) []byte {
			return appendPoint(dst, s.Floats[i].T, s.Floats[i].F)
		})
	}
	if len(s.Histograms) > 0 {
		dst = appendList(append(dst, `,"histograms":`...), len(s.Histograms), func(dst []byte, i int) []byte {
			return appendHistogramPoint(dst, s.Histograms[i].T, s.Histograms[i].H)
		})
	}
	return append(dst, '}')
}

func appendMetric(dst []byte, metric labels.Labels) []byte {
	dst = append(dst, '{')
	first := true
	metric.Range(func(l labels.Label) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = appendQuoted(append(appendQuoted(dst, l.Name), ':'), l.Value)
	})
	return append(dst, '}')
}

func appendPoint(dst []byte, t int64, v float64) []byte {
	dst = append(appendMillis(append(dst, '['), t), ',')
	return append(appendFloat(dst, v), ']')
}

func appendHistogramPoint(dst []byte, t int64, h *histogram.FloatHistogram) []byte {
	dst = append(appendMillis(append(dst, '['), t), ',')
	dst = appendFloat(append(dst, `{"count":`...), h.Count)
	dst = appendFloat(append(dst, `,"sum":`...), h.Sum)
	head := `,"buckets":[`
	for it := h.AllBucketIterator(); it.Next(); {
		if b := it.At(); b.Count != 0 {
			dst = appendBucket(append(dst, head...), &b)
			head = ","
		}
	}
	if head == "," {
		dst = append(dst, ']')
	}
	return append(dst, "}]"...)
}

func appendBucket(dst []byte, b *histogram.Bucket[float64]) []byte {
	bounds := 2 // neither bound belongs to the bucket
	switch {
	case b.LowerInclusive && b.UpperInclusive:
		bounds = 3
	case b.LowerInclusive:
		bounds = 1
	case b.UpperInclusive:
		bounds = 0
	}
	dst = append(strconv.AppendInt(append(dst, '['), int64(bounds), 10), ',')
	dst = append(appendFloat(dst, b.Lower), ',')
	dst = append(appendFloat(dst, b.Upper), ',')
	return append(appendFloat(dst, b.Count), ']')
}

// appendMillis writes milliseconds as seconds.
func appendMillis(dst []byte, t int64) []byte {
	const decimals = 3
	if t%1000 == 0 {
		return strconv.AppendInt(dst, t/1000, 10)
	}
	return strconv.AppendFloat(dst, float64(t)/1000, 'f', decimals, 64)
}

// appendFloat writes a number as text, as Prometheus does: JSON has no NaN.
func appendFloat(dst []byte, v float64) []byte {
	const small, large = 1e-6, 1e21 // as in JavaScript
	format := byte('f')
	if abs := math.Abs(v); abs != 0 && (abs < small || abs >= large) {
		format = 'e'
	}
	return append(strconv.AppendFloat(append(dst, '"'), v, format, -1, 64), '"')
}

func appendQuoted(dst []byte, s string) []byte {
	text, err := json.Marshal(s)
	if err != nil { // a string always encodes
		return append(dst, `""`...)
	}
	return append(dst, text...)
}
