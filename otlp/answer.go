package otlp

import (
	"encoding/json"
	"mime"
	"strings"
	"time"
)

// parseRejection reads the partial success of an Export…ServiceResponse.
func parseRejection(contentType string, answer []byte) Rejection {
	if isJSON(contentType) {
		var r struct {
			PartialSuccess struct {
				RejectedSpans      json.Number `json:"rejectedSpans"`
				RejectedLogRecords json.Number `json:"rejectedLogRecords"`
				RejectedDataPoints json.Number `json:"rejectedDataPoints"`
				ErrorMessage       string      `json:"errorMessage"`
			} `json:"partialSuccess"`
		}
		_ = json.Unmarshal(answer, &r) // what says nothing rejects nothing
		spans, _ := r.PartialSuccess.RejectedSpans.Int64()
		records, _ := r.PartialSuccess.RejectedLogRecords.Int64()
		points, _ := r.PartialSuccess.RejectedDataPoints.Int64()
		return Rejection{Items: max(0, spans, records, points), Message: clean(r.PartialSuccess.ErrorMessage)}
	}
	var r Rejection
	for f := range eachField(answer) {
		if f.number != 1 {
			continue
		}
		for p := range eachField(f.bytes) {
			switch p.number {
			case 1:
				r.Items = max(0, int64(p.varint))
			case 2:
				r.Message = clean(string(p.bytes))
			}
		}
	}
	return r
}

// parseStatus reads a google.rpc.Status: its code, its message, and of its
// details how long to wait. What is none is a message as it stands.
func parseStatus(contentType string, answer []byte) (code int, message string, after time.Duration) {
	mediaType, _, _ := mime.ParseMediaType(contentType)
	switch {
	case isJSON(contentType):
		var s struct {
			Code         int    `json:"code"`
			Message      string `json:"message"`
			MessageUpper string `json:"Message"`
		}
		if json.Unmarshal(answer, &s) == nil && s.Message+s.MessageUpper != "" {
			return s.Code, s.Message + s.MessageUpper, 0
		}
		return 0, string(answer), 0
	case mediaType != "application/x-protobuf":
		return 0, string(answer), 0
	}
	return decodeStatus(answer)
}

func decodeStatus(status []byte) (code int, message string, after time.Duration) {
	for f := range eachField(status) {
		switch f.number {
		case 1:
			code = int(int32(f.varint))
		case 2:
			message = string(f.bytes)
		case 3:
			after = max(after, retryInfo(f.bytes))
		}
	}
	return code, message, after
}

// retryInfo reads the wait out of a detail, 0 if the detail is something else.
func retryInfo(detail []byte) (wait time.Duration) {
	var name string
	var value []byte
	for f := range eachField(detail) {
		switch f.number {
		case 1:
			name = string(f.bytes)
		case 2:
			value = f.bytes
		}
	}
	if !strings.HasSuffix(name, "/google.rpc.RetryInfo") {
		return 0
	}
	for f := range eachField(value) {
		if f.number != 1 {
			continue
		}
		for d := range eachField(f.bytes) {
			switch d.number {
			case 1:
				wait += time.Duration(min(d.varint, uint64(maxAfter/time.Second))) * time.Second
			case 2:
				wait += time.Duration(min(d.varint, uint64(time.Second)))
			}
		}
	}
	return min(wait, maxAfter)
}

func isJSON(contentType string) bool {
	mediaType, _, _ := mime.ParseMediaType(contentType)
	return strings.HasSuffix(mediaType, "json") || strings.Contains(mediaType, "amz-json")
}
