package localaws

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	"google.golang.org/protobuf/proto"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// POST /v1/logs, CloudWatch Logs' OTLP endpoint: takes OpenTelemetry's records
// in protobuf or JSON, plain or gzip'ed, signed for logs or with a bearer token,
// into the log stream that two headers name; refuses a request as a whole over
// AWS's limits, and rejects records that are too old, too new or expired one by
// one. Records need no order. It leaves out: x-aws-truncatable-fields, requests
// of up to 20 MB with large objects, and the quota of calls per second.
//
// Read from otlpLogsPage.

// Limits of a request, from otlpLogsPage. Its bytes are counted as those of
// PutLogEvents.
const (
	maxOTLPRecords     = 10_000
	maxOTLPLogResource = 16 << 10 // of a resource and one scope of it
	maxOTLPLogGap      = 24 * time.Hour
)

// otlpLogsOperation is what the rules and [Server.Control] call the endpoint.
const otlpLogsOperation = "/v1/logs"

// Headers that name where the records go.
const (
	otlpGroupHeader  = "X-Aws-Log-Group"
	otlpStreamHeader = "X-Aws-Log-Stream"
)

func otlpLogsOperations() []operation {
	return []operation{{service: serviceLogs, name: otlpLogsOperation, path: otlpLogsOperation, run: exportLogs}}
}

func exportLogs(c *call, _ *wire.Input) (any, error) {
	group, stream, err := c.otlpTarget()
	if err != nil {
		return nil, err
	}
	request := &logspb.LogsData{}
	if err := c.decodeOTLPLogs(request); err != nil {
		return nil, c.malformed(err)
	}
	events, err := c.otlpEvents(request)
	if err != nil {
		return nil, err
	}
	var stored *logBatch
	defer func() { c.srv.tails.offer(stored) }() // without the lock: matching may take long
	c.srv.logs.control.RLock()
	defer c.srv.logs.control.RUnlock()
	g, err := c.writeGroup(group, stream)
	if err != nil {
		return nil, err
	}
	kept, answer := c.rejectOTLP(g, events)
	stored, err = c.keepLogEvents(group, stream, kept)
	return answer, err
}

// otlpTarget is the group and the stream of the headers.
func (c *call) otlpTarget() (group, stream string, err error) {
	group, stream = c.header.Get(otlpGroupHeader), c.header.Get(otlpStreamHeader)
	switch {
	case group == "":
		return "", "", c.refuse(&ruleOTLPLogTarget, otlpGroupHeader, strings.ToLower(otlpGroupHeader), nil)
	case stream == "":
		return "", "", c.refuse(&ruleOTLPLogTarget, otlpStreamHeader, strings.ToLower(otlpStreamHeader), nil)
	}
	if err := c.checkGroupName(&group); err != nil {
		return "", "", err
	}
	return group, stream, c.checkStreamName(&stream)
}

func (c *call) decodeOTLPLogs(request *logspb.LogsData) error {
	if c.protocol == wire.OTLPJSON {
		return unmarshalOTLPJSON(c.body, request)
	}
	if err := proto.Unmarshal(c.body, request); err != nil {
		return fmt.Errorf("protobuf: %w", err)
	}
	return nil
}

// otlpEvents makes a log event of each record, and refuses requests that are
// too large.
func (c *call) otlpEvents(request *logspb.LogsData) ([]inputLogEvent, error) {
	var events []inputLogEvent
	total := 0
	for i, rl := range request.GetResourceLogs() {
		resource := proto.Size(rl.GetResource()) // once: a request may have a million scopes
		for j, sl := range rl.GetScopeLogs() {
			field := fmt.Sprintf("resourceLogs[%d].scopeLogs[%d]", i, j)
			if n := resource + proto.Size(sl.GetScope()); n > maxOTLPLogResource {
				return nil, c.refuse(&ruleOTLPLogResource, field, n, nil)
			}
			for k, record := range sl.GetLogRecords() {
				message, err := otlpLine(rl.GetResource(), sl, record)
				if err != nil {
					return nil, c.malformed(err)
				}
				size := len(message) + eventOverheadBytes
				if total += size; size > maxLogEventBytes {
					return nil, c.refuse(&ruleOTLPLogEvent, fmt.Sprintf("%s.logRecords[%d]", field, k), size, []byte(message))
				}
				at := otlpTime(record, c.now)
				events = append(events, inputLogEvent{Timestamp: &at, Message: &message})
			}
		}
	}
	switch {
	case len(events) > maxOTLPRecords:
		return nil, c.refuse(&ruleOTLPLogRecords, "resourceLogs", len(events), nil)
	case total > maxLogBatchBytes:
		return nil, c.refuse(&ruleOTLPLogBytes, "resourceLogs", total, nil)
	}
	slices.SortStableFunc(events, func(a, b inputLogEvent) int { return int(max(-1, min(1, *a.Timestamp-*b.Timestamp))) })
	return events, c.checkOTLPGap(events)
}

// checkOTLPGap refuses events, which are in order, that span over a day.
func (c *call) checkOTLPGap(events []inputLogEvent) error {
	if len(events) == 0 {
		return nil
	}
	span := time.Duration(*events[len(events)-1].Timestamp-*events[0].Timestamp) * time.Millisecond
	if span > maxOTLPLogGap {
		return c.refuse(&ruleOTLPLogGap, "timeUnixNano", span, nil)
	}
	return nil
}

// otlpTime is the record's time, that of its observation, or now, in
// milliseconds. Which AWS takes without the first is not documented.
func otlpTime(record *logspb.LogRecord, now time.Time) int64 {
	switch {
	case record.GetTimeUnixNano() != 0:
		return nanoTime(record.GetTimeUnixNano()).UnixMilli()
	case record.GetObservedTimeUnixNano() != 0:
		return nanoTime(record.GetObservedTimeUnixNano()).UnixMilli()
	}
	return now.UnixMilli()
}

// An otlpRecord is a record as the log event that CloudWatch Logs makes of it.
// AWS documents no form; the members are those of the lines that its
// OpenTelemetry distribution for Lambda prints.
type otlpRecord struct {
	Resource     otlpResource `json:"resource"`
	Scope        otlpScope    `json:"scope"`
	Time         uint64       `json:"timeUnixNano,omitempty"`
	Observed     uint64       `json:"observedTimeUnixNano,omitempty"`
	Severity     int32        `json:"severityNumber,omitempty"`
	SeverityText string       `json:"severityText,omitempty"`
	Body         any          `json:"body,omitempty"`
	Attributes   attributes   `json:"attributes,omitempty"`
	Dropped      uint32       `json:"droppedAttributesCount,omitempty"`
	EventName    string       `json:"eventName,omitempty"`
	Flags        uint32       `json:"flags,omitempty"`
	TraceID      string       `json:"traceId,omitempty"`
	SpanID       string       `json:"spanId,omitempty"`
}

type otlpResource struct {
	Attributes attributes `json:"attributes,omitempty"`
}

type otlpScope struct {
	Name       string     `json:"name,omitempty"`
	Version    string     `json:"version,omitempty"`
	SchemaURL  string     `json:"schemaUrl,omitempty"`
	Attributes attributes `json:"attributes,omitempty"`
}

// otlpLine is the log event of a record: one line of JSON.
func otlpLine(resource *resourcepb.Resource, scope *logspb.ScopeLogs, r *logspb.LogRecord) (string, error) {
	name := scope.GetScope()
	line := otlpRecord{
		Resource: otlpResource{attributesOf(resource.GetAttributes())},
		Scope: otlpScope{
			Name: name.GetName(), Version: name.GetVersion(), SchemaURL: scope.GetSchemaUrl(), Attributes: attributesOf(name.GetAttributes()),
		},
		Time: r.GetTimeUnixNano(), Observed: r.GetObservedTimeUnixNano(),
		Severity: int32(r.GetSeverityNumber()), SeverityText: r.GetSeverityText(),
		Attributes: attributesOf(r.GetAttributes()), Dropped: r.GetDroppedAttributesCount(),
		EventName: r.GetEventName(), Body: anyValue(r.GetBody()), Flags: r.GetFlags(),
		TraceID: hex.EncodeToString(r.GetTraceId()), SpanID: hex.EncodeToString(r.GetSpanId()),
	}
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(&line); err != nil {
		return "", fmt.Errorf("log record: %w", err)
	}
	return strings.TrimSuffix(text.String(), "\n"), nil
}

// rejectOTLP counts the records that are too old, too new or expired, and which
// are left.
func (c *call) rejectOTLP(g *logGroup, events []inputLogEvent) ([]inputLogEvent, *wire.PartialSuccess) {
	var out struct {
		TooOld  int `json:"tooOldLogEventCount,omitempty"`
		TooNew  int `json:"tooNewLogEventCount,omitempty"`
		Expired int `json:"expiredLogEventCount,omitempty"`
	}
	now := c.now.UnixMilli()
	keepsFrom := g.keepsFrom(now)
	var kept []inputLogEvent
	for i, e := range events {
		var rule *Rule
		switch at := *e.Timestamp; {
		case at < now-logPastMillis:
			rule, out.TooOld = &ruleLogTooOld, out.TooOld+1
		case at < keepsFrom:
			rule, out.Expired = &ruleLogExpired, out.Expired+1
		case at > now+logFutureMillis:
			rule, out.TooNew = &ruleLogTooNew, out.TooNew+1
		default:
			kept = append(kept, e)
			continue
		}
		if out.TooOld+out.Expired+out.TooNew <= maxViolations {
			c.noteLogEvent(rule, i, e)
		}
	}
	answer := &wire.PartialSuccess{Items: "rejectedLogRecords"}
	if answer.Rejected = int64(len(events) - len(kept)); answer.Rejected > 0 {
		text, _ := json.Marshal(out) // three numbers always encode
		answer.Message = string(text)
	}
	return kept, answer
}

// bearerPrefix is how the Authorization of a bearer token begins.
const bearerPrefix = "Bearer "

// takesBearer tells a call with a bearer token, which only /v1/logs and
// /v1/metrics take.
func (c *call) takesBearer() bool {
	return (c.op.name == otlpLogsOperation || c.op.name == otlpMetricsOperation) && strings.HasPrefix(c.header.Get("Authorization"), bearerPrefix)
}

// admitBearer checks the token, and that the group takes tokens at all.
func (c *call) admitBearer() error {
	token := strings.TrimPrefix(c.header.Get("Authorization"), bearerPrefix)
	if c.op.name == otlpMetricsOperation {
		return c.admitMetricsBearer(token)
	}
	var err error
	g, _ := c.srv.logs.group(c.header.Get(otlpGroupHeader))
	switch {
	case token != c.srv.cfg.LogsBearerToken:
		err = c.refuse(&ruleBearerToken, "Authorization", "", nil)
	case !g.bearer:
		err = c.refuse(&ruleBearerGroup, otlpGroupHeader, c.header.Get(otlpGroupHeader), nil)
	}
	return withStatus(err, http.StatusUnauthorized)
}

// withStatus gives an error of AWS's another status.
func withStatus(err error, status int) error {
	var e *wire.Error
	if errors.As(err, &e) {
		e.Status = status
	}
	return err
}
