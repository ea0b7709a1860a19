package localaws

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// A metricDatum is MetricDatum as it comes, and as the journal keeps it.
type metricDatum struct {
	MetricName        *string           `json:"MetricName,omitempty"`
	Dimensions        []metricDimension `json:"Dimensions,omitempty"`
	Timestamp         *wire.Time        `json:"Timestamp,omitempty"`
	Value             *number           `json:"Value,omitempty"`
	StatisticValues   *statisticSet     `json:"StatisticValues,omitempty"`
	Values            []number          `json:"Values,omitempty"`
	Counts            []number          `json:"Counts,omitempty"`
	Unit              *string           `json:"Unit,omitempty"`
	StorageResolution *int              `json:"StorageResolution,omitempty"`
}

// A metricDimension is Dimension, and in ListMetrics DimensionFilter.
type metricDimension struct {
	Name  *string `json:"Name,omitempty"`
	Value *string `json:"Value,omitempty"`
}

type statisticSet struct {
	SampleCount *number `json:"SampleCount,omitempty"`
	Sum         *number `json:"Sum,omitempty"`
	Minimum     *number `json:"Minimum,omitempty"`
	Maximum     *number `json:"Maximum,omitempty"`
}

// A number is a double. In JSON, AWS writes what is none as a string.
type number float64

// UnmarshalJSON takes a number, or "NaN", "Infinity" and "-Infinity".
func (n *number) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case `"NaN"`:
		*n = number(math.NaN())
		return nil
	case `"Infinity"`:
		*n = number(math.Inf(1))
		return nil
	case `"-Infinity"`:
		*n = number(math.Inf(-1))
		return nil
	}
	return json.Unmarshal(text, (*float64)(n))
}

// MarshalJSON is the reverse.
func (n number) MarshalJSON() ([]byte, error) {
	f := float64(n)
	switch {
	case math.IsNaN(f):
		return []byte(`"NaN"`), nil
	case math.IsInf(f, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(f, -1):
		return []byte(`"-Infinity"`), nil
	}
	return strconv.AppendFloat(nil, f, 'g', -1, 64), nil
}

// String is the number as AWS's texts have it, e.g. Infinity.
func (n number) String() string {
	text, err := n.MarshalJSON()
	if err != nil {
		return ""
	}
	if unquoted, err := strconv.Unquote(string(text)); err == nil {
		return unquoted
	}
	return string(text)
}

// A metricName is Metric: what a metric is told apart by.
type metricName struct {
	Namespace  *string           `json:"Namespace,omitempty"`
	MetricName *string           `json:"MetricName,omitempty"`
	Dimensions []metricDimension `json:"Dimensions"`
}

// units are CloudWatch's units.
const units = "Seconds, Microseconds, Milliseconds, Bytes, Kilobytes, Megabytes, Gigabytes, Terabytes, " +
	"Bits, Kilobits, Megabits, Gigabits, Terabits, Percent, Count, " +
	"Bytes/Second, Kilobytes/Second, Megabytes/Second, Gigabytes/Second, Terabytes/Second, " +
	"Bits/Second, Kilobits/Second, Megabits/Second, Gigabits/Second, Terabits/Second, Count/Second, None"

// noUnit is the unit of data that came without one.
const noUnit = "None"

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
