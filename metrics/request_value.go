package metrics

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// propertyJSON is a value as JSON, on one line. It is code of the user's that may
// say how, and may fail or panic.
func propertyJSON(value any) (text []byte) {
	defer func() {
		if p := recover(); p != nil {
			text = appendjson.String(nil, fmt.Sprintf("%T: panic: %v", value, p))
		}
	}()
	switch v := value.(type) {
	case nil:
		return []byte("null")
	case string:
		return appendjson.String(nil, v)
	case float64:
		return jsonFloat(v)
	case float32:
		return jsonFloat(float64(v))
	case time.Duration:
		return jsonFloat(float64(v) / float64(time.Millisecond))
	case json.Marshaler:
	case error:
		return appendjson.String(nil, v.Error())
	}
	if text, err := json.Marshal(value); err == nil {
		return text
	}
	return appendjson.String(nil, fmt.Sprintf("%+v", value))
}

// jsonFloat writes what JSON has no number for as text.
func jsonFloat(f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return appendjson.String(nil, fmt.Sprint(f))
	}
	return appendjson.Float(nil, f)
}
