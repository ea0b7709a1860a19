package localaws

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// A segment is a segment document or a subsegment, as far as the server looks
// into it. What AWS is loose about is read loosely: members that are only shown.
//
// Read from https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
type segment struct {
	Name        string          `json:"name"`
	ID          string          `json:"id"`
	TraceID     string          `json:"trace_id"`
	ParentID    string          `json:"parent_id"`
	Type        string          `json:"type"`
	StartTime   *float64        `json:"start_time"`
	EndTime     *float64        `json:"end_time"`
	InProgress  bool            `json:"in_progress"`
	Error       bool            `json:"error"`
	Throttle    bool            `json:"throttle"`
	Fault       bool            `json:"fault"`
	Namespace   looseText       `json:"namespace"`
	Origin      looseText       `json:"origin"`
	ResourceARN looseText       `json:"resource_arn"`
	User        string          `json:"user"`
	HTTP        *segmentHTTP    `json:"http"`
	AWS         *segmentAWS     `json:"aws"`
	SQL         *segmentSQL     `json:"sql"`
	Annotations map[string]any  `json:"annotations"`
	Metadata    json.RawMessage `json:"metadata"`
	Cause       json.RawMessage `json:"cause"`
	Subsegments []*segment      `json:"subsegments"`

	// Only their types are looked at.
	Service *struct {
		Version string `json:"version"`
	} `json:"service"`
	Traced       bool     `json:"traced"`
	PrecursorIDs []string `json:"precursor_ids"`
}

type segmentHTTP struct {
	Request struct {
		Method    string `json:"method"`
		URL       string `json:"url"`
		UserAgent string `json:"user_agent"`
		ClientIP  string `json:"client_ip"`

		XForwardedFor bool `json:"x_forwarded_for"` // with the next, only their types are looked at
		Traced        bool `json:"traced"`
	} `json:"request"`
	Response struct {
		Status        *float64 `json:"status"`
		ContentLength *float64 `json:"content_length"`
	} `json:"response"`
}

type segmentAWS struct {
	AccountID    looseText `json:"account_id"`
	Operation    looseText `json:"operation"`
	Region       looseText `json:"region"`
	TableName    looseText `json:"table_name"`
	QueueURL     looseText `json:"queue_url"`
	FunctionName looseText `json:"function_name"`
	BucketName   looseText `json:"bucket_name"`
	EC2          struct {
		InstanceID       looseText `json:"instance_id"`
		AvailabilityZone looseText `json:"availability_zone"`
	} `json:"ec2"`
}

type segmentSQL struct {
	URL          string `json:"url"`
	DatabaseType string `json:"database_type"`
	User         string `json:"user"`

	// Only their types are looked at.
	ConnectionString string `json:"connection_string"`
	SanitizedQuery   string `json:"sanitized_query"`
	DatabaseVersion  string `json:"database_version"`
	DriverVersion    string `json:"driver_version"`
	Preparation      string `json:"preparation"`
}

// looseText is a string, or empty where the document has something else.
type looseText string

// UnmarshalJSON never fails.
func (t *looseText) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = looseText(s)
	}
	return nil
}

// A segmentCause is the cause member in its long form.
type segmentCause struct {
	Exceptions []struct {
		ID      looseText `json:"id"`
		Message string    `json:"message"`
		Type    string    `json:"type"`

		// Only their types are looked at.
		Remote    bool    `json:"remote"`
		Truncated float64 `json:"truncated"`
		Skipped   float64 `json:"skipped"`
		Cause     string  `json:"cause"`
		Stack     []struct {
			Path  string  `json:"path"`
			Line  float64 `json:"line"`
			Label string  `json:"label"`
		} `json:"stack"`
	} `json:"exceptions"`

	WorkingDirectory string   `json:"working_directory"`
	Paths            []string `json:"paths"`
}

// parseSegment reads a document. With an error the segment holds what could be
// read, so that the answer can name its id.
func parseSegment(doc []byte) (*segment, error) {
	s := &segment{}
	dec := json.NewDecoder(bytes.NewReader(doc))
	if err := dec.Decode(s); err != nil {
		return s, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return s, errors.New("data after the document")
	}
	return s, nil
}

// alone tells a subsegment that was sent on its own.
func (s *segment) alone() bool { return s.Type == "subsegment" }

// start and end are times in seconds; a segment under way ends where it starts.
func (s *segment) start() float64 {
	if s.StartTime == nil {
		return 0
	}
	return *s.StartTime
}

func (s *segment) end() float64 {
	if s.EndTime == nil {
		return s.start()
	}
	return *s.EndTime
}

// status is the HTTP status; 0 for none.
func (s *segment) status() int {
	if s.HTTP == nil || s.HTTP.Response.Status == nil {
		return 0
	}
	return int(*s.HTTP.Response.Status)
}

// exceptions are what the cause lists.
func (s *segment) exceptions() segmentCause {
	var cause segmentCause
	if len(s.Cause) > 0 && s.Cause[0] == '{' {
		_ = json.Unmarshal(s.Cause, &cause) // checked when it came
	}
	return cause
}

// count is how many segments and subsegments the tree has.
func (s *segment) count() int {
	n := 1
	for _, sub := range s.Subsegments {
		if sub != nil {
			n += sub.count()
		}
	}
	return n
}
