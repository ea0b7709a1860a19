package localaws

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of a segment document. Those with a number in AWS's guide:
// https://docs.aws.amazon.com/general/latest/gr/xray.html
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
const (
	maxSegmentDocuments = 50        // per PutTraceSegments
	maxSegmentBytes     = 64 * 1024 // per document
	maxNameLength       = 200
	maxTextLength       = 250 // user and the texts of http.request
	maxAnnotationKey    = 500
	maxAnnotationValue  = 1000
	segmentIDLength     = 16
	maxTraceAge         = 30 * 24 * time.Hour // how long X-Ray keeps traces
	maxTraceFuture      = 5 * time.Minute     // what the collector's exporter allows
)

// A violation is the first rule that a document breaks.
type violation struct {
	rule  *Rule
	field string // path to the member
	value any
	sub   bool // in a subsegment
}

// message is AWS's text, in the form public logs show it.
func (v *violation) message() string {
	if v.sub {
		return "Invalid subsegment. ErrorCode: " + v.rule.Code + ", Cause: null"
	}
	return "Invalid segment. ErrorCode: " + v.rule.Code
}

// checkDocument is everything that is checked of one document.
func checkDocument(doc []byte, strictTime bool, now time.Time) (*segment, *violation) {
	if len(doc) > maxSegmentBytes {
		seg, _ := parseSegment(doc) // for its id
		return seg, &violation{rule: &ruleSegmentSize, field: "document", value: len(doc)}
	}
	if !utf8.Valid(doc) {
		return &segment{}, &violation{rule: &ruleSegmentJSON, field: "document", value: "not UTF-8"}
	}
	seg, err := parseSegment(doc)
	if err != nil {
		return seg, parseViolation(err)
	}
	if v := checkTop(seg, strictTime, now); v != nil {
		return seg, v
	}
	return seg, checkSegment(seg, "", seg.alone())
}

// parseViolation turns the decoder's complaint into the rule of the member.
func parseViolation(err error) *violation {
	var typeErr *json.UnmarshalTypeError
	if !errors.As(err, &typeErr) {
		return &violation{rule: &ruleSegmentJSON, field: "document", value: err.Error()}
	}
	path := typeErr.Field
	sub := strings.HasPrefix(path, "subsegments.")
	member := path
	for strings.HasPrefix(member, "subsegments.") {
		member = strings.TrimPrefix(member, "subsegments.")
	}
	first, _, _ := strings.Cut(member, ".")
	v := &violation{rule: &ruleSegmentType, field: path, value: typeErr.Value, sub: sub}
	switch first {
	case "":
		v.rule, v.field = &ruleSegmentID, "document" // AWS misses the id of what is no object
	case "name":
		v.rule = &ruleSegmentName
	case "id":
		v.rule = &ruleSegmentIDForm
	case "trace_id":
		v.rule = &ruleTraceIDForm
	case "parent_id":
		v.rule = &ruleParentID
	case "start_time":
		v.rule = &ruleStartTimeForm
	case "end_time":
		v.rule = &ruleEndTimeForm
	case "annotations":
		v.rule = &ruleAnnotations
	case "http":
		v.rule = &ruleHTTP
	case "sql":
		v.rule = &ruleSQL
	case "user":
		v.rule = &ruleUser
	}
	return v
}

// traceIDForm is version, eight hex digits of time, 24 of chance.
var traceIDForm = regexp.MustCompile(`^\d-[0-9A-Fa-f]{8}-[0-9A-Fa-f]{24}$`)

// checkTop checks what only a document has, not a nested subsegment.
func checkTop(s *segment, strictTime bool, now time.Time) *violation {
	sub := s.alone()
	switch {
	case s.ID == "":
		return &violation{&ruleSegmentID, "id", "", sub}
	case s.TraceID == "":
		return &violation{&ruleTraceID, "trace_id", "", sub}
	case !traceIDForm.MatchString(s.TraceID):
		return &violation{&ruleTraceIDForm, "trace_id", s.TraceID, sub}
	case sub && s.ParentID == "":
		return &violation{&ruleParentMissing, "parent_id", "", sub}
	case s.ParentID != "" && !isSegmentID(s.ParentID):
		return &violation{&ruleParentID, "parent_id", s.ParentID, sub}
	}
	if strictTime {
		at := traceTime(s.TraceID)
		if now.Sub(at) > maxTraceAge || at.Sub(now) > maxTraceFuture {
			return &violation{&ruleTraceTime, "trace_id", s.TraceID, sub}
		}
	}
	return nil
}

// traceTime is the time written in a trace id.
func traceTime(id string) time.Time {
	if len(id) < 10 {
		return time.Time{}
	}
	seconds, err := strconv.ParseInt(id[2:10], 16, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// checkSegment checks a segment and, inside it, its subsegments.
func checkSegment(s *segment, path string, sub bool) *violation {
	for _, check := range []func(*segment) (*Rule, string, any){checkIdentity, checkTimes, checkTexts, checkAnnotations, checkCause} {
		if rule, field, value := check(s); rule != nil {
			return &violation{rule, path + field, value, sub}
		}
	}
	for i, child := range s.Subsegments {
		at := fmt.Sprintf("%ssubsegments[%d]", path, i)
		if child == nil {
			return &violation{&ruleSegmentID, at, "null", true}
		}
		if v := checkSegment(child, at+".", true); v != nil {
			return v
		}
	}
	return nil
}

func checkIdentity(s *segment) (*Rule, string, any) {
	switch {
	case s.ID == "":
		return &ruleSegmentID, "id", ""
	case !isSegmentID(s.ID):
		return &ruleSegmentIDForm, "id", s.ID
	case s.Name == "":
		return &ruleNameMissing, "name", ""
	case utf8.RuneCountInString(s.Name) > maxNameLength || strings.IndexFunc(s.Name, notInName) >= 0:
		return &ruleSegmentName, "name", s.Name
	}
	return nil, "", nil
}

// isSegmentID tells 16 hexadecimal digits.
func isSegmentID(id string) bool {
	if len(id) != segmentIDLength {
		return false
	}
	for _, c := range []byte(id) {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
			return false
		}
	}
	return true
}

// notInName finds what may not stand in a name: all but letters, numbers,
// white space and _.:/%&#=+\-@
func notInName(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.Z, r) && !strings.ContainsRune(`_.:/%&#=+\-@`, r)
}

func checkTimes(s *segment) (*Rule, string, any) {
	switch {
	case s.StartTime == nil:
		return &ruleStartTime, "start_time", ""
	case *s.StartTime <= 0:
		return &ruleStartTimeForm, "start_time", *s.StartTime
	case s.EndTime == nil && !s.InProgress:
		return &ruleEndTime, "end_time", ""
	case s.EndTime != nil && *s.EndTime < 0:
		return &ruleEndTimeForm, "end_time", *s.EndTime
	}
	return nil, "", nil
}

func checkTexts(s *segment) (*Rule, string, any) {
	if tooLong(s.User, maxTextLength) {
		return &ruleUser, "user", s.User
	}
	if s.HTTP != nil {
		r := s.HTTP.Request
		for _, m := range [...]struct{ name, text string }{
			{"method", r.Method}, {"url", r.URL}, {"user_agent", r.UserAgent}, {"client_ip", r.ClientIP},
		} {
			if tooLong(m.text, maxTextLength) {
				return &ruleHTTP, "http.request." + m.name, m.text
			}
		}
	}
	if s.SQL != nil && tooLong(s.SQL.User, maxTextLength) {
		return &ruleSQL, "sql.user", s.SQL.User
	}
	return checkMetadata(s.Metadata)
}

// checkMetadata takes null for an object, as documents of the collector's
// exporter have it in many places and AWS takes those.
func checkMetadata(metadata json.RawMessage) (*Rule, string, any) {
	if len(metadata) == 0 {
		return nil, "", nil
	}
	var namespaces map[string]json.RawMessage
	if json.Unmarshal(metadata, &namespaces) != nil {
		return &ruleMetadata, "metadata", string(metadata)
	}
	for name, members := range namespaces {
		if members[0] != '{' && string(members) != "null" {
			return &ruleMetadata, "metadata." + name, string(members)
		}
	}
	return nil, "", nil
}

func tooLong(s string, limit int) bool { return len(s) > limit && utf8.RuneCountInString(s) > limit }

func checkAnnotations(s *segment) (*Rule, string, any) {
	for k, v := range s.Annotations {
		if !isAnnotationKey(k) {
			return &ruleAnnotationKey, "annotations", k
		}
		switch v := v.(type) {
		case float64, bool:
		case string:
			if tooLong(v, maxAnnotationValue) {
				return &ruleAnnotations, "annotations." + k, v
			}
		default:
			return &ruleAnnotations, "annotations." + k, v
		}
	}
	return nil, "", nil
}

// isAnnotationKey allows the dot, which the schema has not, but the newer guide
// to filter expressions has.
func isAnnotationKey(k string) bool {
	if k == "" || len(k) > maxAnnotationKey {
		return false
	}
	for _, c := range []byte(k) {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '.') {
			return false
		}
	}
	return true
}

func checkCause(s *segment) (*Rule, string, any) {
	if len(s.Cause) == 0 || string(s.Cause) == "null" {
		return nil, "", nil
	}
	switch s.Cause[0] {
	case '"':
		var id string
		if json.Unmarshal(s.Cause, &id) != nil || !isSegmentID(id) {
			return &ruleCause, "cause", string(s.Cause)
		}
	case '{':
		var cause segmentCause
		if json.Unmarshal(s.Cause, &cause) != nil {
			return &ruleCause, "cause.exceptions", string(s.Cause)
		}
		for i, e := range cause.Exceptions {
			if !isSegmentID(string(e.ID)) {
				return &ruleCause, fmt.Sprintf("cause.exceptions[%d].id", i), string(e.ID)
			}
		}
	default:
		return &ruleCause, "cause", string(s.Cause)
	}
	return nil, "", nil
}
