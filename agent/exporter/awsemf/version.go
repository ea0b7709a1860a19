package awsemf

import (
	"bytes"
	"strconv"
)

// Members of a document of version 0, which has no _aws; what labels may be named like them get another name.
const (
	memberVersion    = "Version"
	memberTimestamp  = "Timestamp"
	memberDirectives = "CloudWatchMetrics"
)

// beginning is how every document of which metrics are made begins.
const beginning = `{"_aws":{"CloudWatchMetrics":`

// appendBefore appends a document as one of version 0, the format before _aws: the directives and the time, as text, are
// members of their own. A document of which no metrics are made has the time alone.
func appendBefore(dst, document []byte, millis int64) []byte {
	dst = append(dst, `{"Timestamp":"`...)
	dst = append(strconv.AppendInt(dst, millis, 10), '"')
	rest := document[1:]
	if after, ok := bytes.CutPrefix(document, []byte(beginning)); ok {
		end := strconv.AppendInt([]byte(`,"Timestamp":`), millis, 10)
		// A quote behind a comma is in no text: there it has a backslash before it.
		if directives, members, found := bytes.Cut(after, append(end, '}')); found {
			dst = append(append(dst, `,"Version":"0","CloudWatchMetrics":`...), directives...)
			rest = withoutVersion(members)
		}
	}
	rest = bytes.TrimPrefix(rest, []byte(","))
	if len(rest) > 1 {
		dst = append(dst, ',')
	}
	return append(dst, rest...)
}

// withoutVersion takes away the version that the encoder writes under Compat: the last member of that name.
func withoutVersion(members []byte) []byte {
	const version = `,"Version":"1"`
	at := bytes.LastIndex(members, []byte(version))
	if at < 0 {
		return members
	}
	return append(members[:at:at], members[at+len(version):]...)
}
