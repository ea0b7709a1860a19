package localaws

import (
	"strconv"
	"strings"

	"github.com/updraft-otel/updraft/localaws/internal/insights"
)

// GetLogRecord as AWS does it: one event, by the @ptr of a query's row, with all
// fields that were found in it. It leaves out unmask: nothing is masked here.
// Read from getLogRecordPage.

type getLogRecordInput struct {
	LogRecordPointer *string `json:"logRecordPointer"`
}

type getLogRecordOutput struct {
	LogRecord map[string]string `json:"logRecord"`
}

func getLogRecord(c *call, in *getLogRecordInput) (*getLogRecordOutput, error) {
	if in.LogRecordPointer == nil {
		return nil, c.refuse(&ruleRecordPointer, "logRecordPointer", "null", c.body)
	}
	found, ok := c.srv.logs.pointed(*in.LogRecordPointer)
	if !ok {
		return nil, c.refuse(&ruleRecordPointer, "logRecordPointer", *in.LogRecordPointer, c.body)
	}
	if found == nil {
		return nil, c.fail("ResourceNotFoundException", "The specified log record does not exist.")
	}
	e := found.insight()
	record := map[string]string{
		"@timestamp": strconv.FormatInt(e.Timestamp, 10), "@ingestionTime": strconv.FormatInt(e.Ingested, 10),
		"@message": e.Message, "@log": e.Log, "@logStream": e.Stream, "@ptr": e.Ptr,
	}
	for _, f := range insights.Discovered(e) {
		record[f.Field] = f.Value
	}
	return &getLogRecordOutput{record}, nil
}

// pointed is the event that an @ptr names, nil if it is gone; ok says that it
// is one.
func (s *logStore) pointed(ptr string) (e *foundEvent, ok bool) {
	text, _ := decodeToken(ptr)
	parts := strings.Split(text, "\n")
	at, ok := parseLogPos(parts[len(parts)-1])
	if len(parts) != 3 || !ok {
		return nil, false
	}
	found := s.read(parts[0], logRange{
		want:  func(stream string) bool { return stream == parts[1] },
		start: at, end: logPos{at.at, at.seq + 1},
	}, 1)
	if len(found) == 0 {
		return nil, true
	}
	return &found[0], true
}
