package insights

import (
	"regexp"
	"strings"
)

// Lines that the Lambda platform writes have fields of their own; see
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html.
// Durations are milliseconds, sizes bytes: AWS's sample query divides them by
// 1024 twice, or 1000 twice, to have megabytes.

// isLambda tells the groups of functions by AWS's naming.
func isLambda(e *Event) bool { return strings.Contains(e.Log, ":/aws/lambda/") }

var lambdaLine = regexp.MustCompile(`^(START|END|REPORT) RequestId: (\S+)`)

// lambdaFields are the parts of a REPORT line, by what stands before the colon.
var lambdaFields = map[string]struct {
	name  string
	scale float64
}{
	"Duration":        {"@duration", 1},
	"Billed Duration": {"@billedDuration", 1},
	"Init Duration":   {"@initDuration", 1},
	"Memory Size":     {"@memorySize", 1e6},
	"Max Memory Used": {"@maxMemoryUsed", 1e6},
	"XRAY TraceId":    {"@xrayTraceId", 0},
	"SegmentId":       {"@xraySegmentId", 0},
}

// discoverLambda finds the fields of a line of a Lambda function: of the
// platform's lines, or of the first JSON object in another one.
func discoverLambda(message string) []discoveredField {
	m := lambdaLine.FindStringSubmatch(message)
	if m == nil {
		return discoverFragment(message)
	}
	fields := []discoveredField{{"@type", textValue(m[1])}, {"@requestId", textValue(m[2])}}
	for part := range strings.FieldsFuncSeq(message, func(r rune) bool { return r == '\t' || r == '\n' }) {
		name, text, ok := strings.Cut(part, ": ")
		f, known := lambdaFields[strings.TrimSpace(name)]
		if !ok || !known {
			continue
		}
		v := textValue(strings.TrimSpace(text))
		if f.scale != 0 {
			digits, _, _ := strings.Cut(v.s, " ")
			n, ok := parseNumber(digits)
			if !ok {
				continue
			}
			v = numberValue(n * f.scale)
		}
		fields = append(fields, discoveredField{f.name, v})
	}
	return fields
}

// discoverFragment reads the JSON object that a line ends with or consists of.
func discoverFragment(message string) []discoveredField {
	start := strings.IndexByte(message, '{')
	if start < 0 {
		return nil
	}
	return discoverJSON(nil, message[start:])
}
