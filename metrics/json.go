package metrics

import (
	"strconv"
	"time"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// AppendDatumJSON appends d as one JSON object without a line end, with the
// member names of the AWS CLI's --metric-data.
func AppendDatumJSON(dst []byte, d *Datum) []byte {
	dst = appendjson.String(append(dst, `{"MetricName":`...), d.Name)
	if len(d.Dimensions) > 0 {
		dst = append(dst, `,"Dimensions":[`...)
		for i, dim := range d.Dimensions {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendjson.String(append(dst, `{"Name":`...), dim.Name)
			dst = appendjson.String(append(dst, `,"Value":`...), dim.Value)
			dst = append(dst, '}')
		}
		dst = append(dst, ']')
	}
	if !d.Time.IsZero() {
		dst = append(dst, `,"Timestamp":"`...)
		dst = append(d.Time.UTC().AppendFormat(dst, time.RFC3339Nano), '"')
	}
	dst = appendValueJSON(dst, d)
	if d.Unit != "" {
		dst = appendjson.String(append(dst, `,"Unit":`...), d.Unit)
	}
	if d.Resolution != 0 {
		dst = strconv.AppendInt(append(dst, `,"StorageResolution":`...), int64(d.Resolution), 10)
	}
	return append(dst, '}')
}

func appendValueJSON(dst []byte, d *Datum) []byte {
	switch {
	case d.Statistics != nil:
		s := d.Statistics
		dst = appendjson.Float(append(dst, `,"StatisticValues":{"SampleCount":`...), s.SampleCount)
		dst = appendjson.Float(append(dst, `,"Sum":`...), s.Sum)
		dst = appendjson.Float(append(dst, `,"Minimum":`...), s.Minimum)
		dst = appendjson.Float(append(dst, `,"Maximum":`...), s.Maximum)
		return append(dst, '}')
	case len(d.Values) > 0:
		dst = appendFloatsJSON(append(dst, `,"Values":`...), d.Values, nil)
		if len(d.Counts) > 0 {
			dst = appendCountsJSON(append(dst, `,"Counts":`...), d.Counts)
		}
		return dst
	}
	return appendjson.Float(append(dst, `,"Value":`...), d.Value)
}

// appendCountsJSON is appendFloatsJSON for what are whole numbers, mostly small.
func appendCountsJSON(dst []byte, counts []float64) []byte {
	dst = append(dst, '[')
	for i, n := range counts {
		if i > 0 {
			dst = append(dst, ',')
		}
		if digit := int64(n); 1 <= digit && digit <= 9 && float64(digit) == n {
			dst = append(dst, byte('0'+digit))
		} else {
			dst = appendjson.Float(dst, n)
		}
	}
	return append(dst, ']')
}

func appendFloatsJSON(dst []byte, fs []float64, texts *floatTexts) []byte {
	dst = append(dst, '[')
	for i, f := range fs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = texts.append(dst, f)
	}
	return append(dst, ']')
}
