package awscloudwatchlogs

import (
	"bytes"
	"encoding/json"
	"strings"
)

// A metricDocument is what a body in the embedded metric format says of where it wants to go. encoding/json does not look at
// upper and lower case, and neither does the collector's exporter.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
type metricDocument struct {
	AWS *struct {
		LogGroupName, LogStreamName string
	} `json:"_aws"`
	// Of the format's version 0.
	LogGroupName  string `json:"log_group_name"`
	LogStreamName string `json:"log_stream_name"`
}

// destinationOf returns where a body wants to go, and whether it says so; else where the exporter sends it.
func destinationOf(body []byte, to destination) (own destination, isEMF bool) {
	if !mayBeEMF(body) {
		return to, false
	}
	var doc metricDocument
	if err := json.Unmarshal(body, &doc); err != nil {
		return to, false
	}
	group, stream := doc.LogGroupName, doc.LogStreamName
	if doc.AWS != nil && doc.AWS.LogGroupName != "" {
		group, stream = doc.AWS.LogGroupName, doc.AWS.LogStreamName
	}
	if group == "" {
		return to, false
	}
	to.group = group
	if stream != "" {
		to.stream = stream
	}
	return to, true
}

// mayBeEMF tells whether a body is worth reading: an object with the word group in it.
func mayBeEMF(body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n")
	if len(body) == 0 || body[0] != '{' {
		return false
	}
	for rest := body; ; {
		i := bytes.IndexAny(rest, "gG")
		if i < 0 {
			return false
		}
		rest = rest[i:]
		const group = "group"
		if len(rest) >= len(group) && strings.EqualFold(string(rest[:len(group)]), group) {
			return true
		}
		rest = rest[1:]
	}
}
