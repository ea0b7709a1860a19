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
	text, _ := decodeToken(*in.LogRecordPointer)
	parts := strings.Split(text, "\n")
	at, ok := parseLogPos(parts[len(parts)-1])
	if len(parts) != 3 || !ok {
		return nil, c.refuse(&ruleRecordPointer, "logRecordPointer", *in.LogRecordPointer, c.body)
	}
	found := c.srv.logs.read(parts[0], logRange{
		want:  func(stream string) bool { return stream == parts[1] },
		start: at, end: logPos{at.at, at.seq + 1},
	}, 1)
	if len(found) == 0 {
		return nil, c.fail("ResourceNotFoundException", "The specified log record does not exist.")
	}
	e := found[0].insight()
	record := map[string]string{
		"@timestamp": strconv.FormatInt(e.Timestamp, 10), "@ingestionTime": strconv.FormatInt(e.Ingested, 10),
		"@message": e.Message, "@log": e.Log, "@logStream": e.Stream, "@ptr": e.Ptr,
	}
	for _, f := range insights.Discovered(e) {
		record[f.Field] = f.Value
	}
	return &getLogRecordOutput{record}, nil
}
