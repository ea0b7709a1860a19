package metrics

import "time"

// Dimension is a name and a value that tell one series of a metric from others.
type Dimension struct {
	Name, Value string
}

// Datum is one entry of PutMetricData's MetricData. It holds Statistics, or
// Values with their Counts, or else the single Value.
type Datum struct {
	// Name is the metric's name.
	Name string
	// Dimensions are written in the order they have.
	Dimensions []Dimension
	// Time is the time of the measurement; zero leaves it to CloudWatch.
	Time time.Time
	// Value is the one value, unless Values or Statistics is set.
	Value float64
	// Values and Counts say how often each value was seen. Without Counts
	// each was seen once.
	Values, Counts []float64
	// Statistics sums up values that are not at hand one by one.
	Statistics *Statistics
	// Unit is one of CloudWatch's units, see Unit; empty leaves it out.
	Unit string
	// Resolution is HighResolution or StandardResolution; zero leaves it out.
	Resolution int
}

// Statistics is CloudWatch's StatisticSet.
type Statistics struct {
	SampleCount, Sum, Minimum, Maximum float64
}

// fields counts the members AppendDatum writes.
func (d *Datum) fields() int {
	n := 2 // the name and some form of value
	if d.Statistics == nil && len(d.Values) > 0 && len(d.Counts) > 0 {
		n++
	}
	for _, there := range []bool{len(d.Dimensions) > 0, !d.Time.IsZero(), d.Unit != "", d.Resolution != 0} {
		if there {
			n++
		}
	}
	return n
}

// AppendDatum appends d as a CBOR map with AWS's member names, as the protocol
// rpc-v2-cbor wants it. It checks nothing: limits are the converter's matter.
func AppendDatum(dst []byte, d *Datum) []byte {
	dst = appendHead(dst, cborMap, uint64(d.fields()))
	dst = appendCBORText(appendCBORText(dst, "MetricName"), d.Name)
	if len(d.Dimensions) > 0 {
		dst = appendHead(appendCBORText(dst, "Dimensions"), cborArray, uint64(len(d.Dimensions)))
		for _, dim := range d.Dimensions {
			dst = appendHead(dst, cborMap, 2)
			dst = appendCBORText(appendCBORText(dst, "Name"), dim.Name)
			dst = appendCBORText(appendCBORText(dst, "Value"), dim.Value)
		}
	}
	if !d.Time.IsZero() {
		dst = appendCBORTime(appendCBORText(dst, "Timestamp"), d.Time)
	}
	dst = appendValue(dst, d)
	if d.Unit != "" {
		dst = appendCBORText(appendCBORText(dst, "Unit"), d.Unit)
	}
	if d.Resolution != 0 {
		dst = appendCBORInt(appendCBORText(dst, "StorageResolution"), d.Resolution)
	}
	return dst
}

func appendValue(dst []byte, d *Datum) []byte {
	switch {
	case d.Statistics != nil:
		s := d.Statistics
		dst = appendHead(appendCBORText(dst, "StatisticValues"), cborMap, 4)
		dst = appendCBORFloat(appendCBORText(dst, "SampleCount"), s.SampleCount)
		dst = appendCBORFloat(appendCBORText(dst, "Sum"), s.Sum)
		dst = appendCBORFloat(appendCBORText(dst, "Minimum"), s.Minimum)
		return appendCBORFloat(appendCBORText(dst, "Maximum"), s.Maximum)
	case len(d.Values) > 0:
		dst = appendCBORFloats(appendCBORText(dst, "Values"), d.Values)
		if len(d.Counts) > 0 {
			dst = appendCBORFloats(appendCBORText(dst, "Counts"), d.Counts)
		}
		return dst
	}
	return appendCBORFloat(appendCBORText(dst, "Value"), d.Value)
}
