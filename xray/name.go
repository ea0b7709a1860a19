package xray

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// Namespaces of a subsegment: a call to AWS, or to anything else outside.
const (
	namespaceAWS    = "aws"
	namespaceRemote = "remote"
)

// name derives the document's name and namespace. A segment's name is the
// service that X-Ray draws as a node; a subsegment's is what it called. The
// first that is known wins:
//
//  1. what Application Signals says: aws.local.service of a server,
//     aws.remote.service of a call
//  2. the AWS service of an AWS SDK call
//  3. service.peer.name or peer.service
//  4. the database, as name@host
//  5. the own service's name, for every segment
//  6. the RPC service, the HTTP host, the messaging destination of a call
//  7. the span's name
func (f *facts) name(s *Segment) (name, namespace string) {
	calls := s.Kind == trace.SpanKindClient || s.Kind == trace.SpanKindProducer
	aws := f.awsService()
	switch {
	case aws != "" || f.rpcSystem == awsAPI:
		namespace = namespaceAWS
	case calls:
		namespace = namespaceRemote
	}
	if !isSubsegment(s) && namespace != "" {
		namespace = "" // X-Ray knows namespaces on subsegments only
	}

	switch {
	case s.Kind == trace.SpanKindServer && f.localService != "":
		return f.localService, namespace
	case (calls || s.Kind == trace.SpanKindConsumer) && f.remoteService != "":
		return trimAWS(f.remoteService), namespace
	case isSubsegment(s):
		return f.callee(s, aws), namespace
	case s.Resource != nil && s.Resource.ServiceName != "":
		return s.Resource.ServiceName, namespace
	}
	return f.callee(s, aws), namespace
}

// callee names what a span called, or the span itself where it called nothing.
func (f *facts) callee(s *Segment, aws string) string {
	if s.Kind == trace.SpanKindInternal || s.Kind == trace.SpanKindUnspecified {
		return firstOf(aws, f.peerService, s.Name)
	}
	return firstOf(aws, f.peerService, f.database(), f.rpcService, f.host(), f.messagingDestination, s.Name)
}

// database is the node X-Ray draws for a database: its name at its host.
func (f *facts) database() string {
	name := firstOf(f.dbNamespace, f.dbSystem)
	if name == "" {
		return ""
	}
	if host := f.host(); host != "" {
		return name + "@" + host
	}
	return name
}

// host is the remote host of a call, without its port.
func (f *facts) host() string {
	host := firstOf(f.httpHost, f.serverAddress, f.netPeerName)
	if h, port, ok := strings.Cut(host, ":"); ok && !strings.Contains(port, ":") {
		return h
	}
	return host
}

// awsService is the AWS service that an AWS SDK span called, or "".
func (f *facts) awsService() string {
	if f.service != "" {
		return f.service
	}
	if f.rpcSystem != awsAPI {
		return ""
	}
	if f.rpcService != "" {
		return f.rpcService
	}
	// Semantic conventions 1.39 carry both in rpc.method, as "SQS/SendMessage".
	service, _, found := strings.Cut(f.rpcMethod, "/")
	if !found {
		return ""
	}
	return service
}

func trimAWS(name string) string {
	if rest, ok := strings.CutPrefix(name, "AWS.SDK."); ok {
		return rest
	}
	return strings.TrimPrefix(name, "AWS::")
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// appendName appends a name as X-Ray takes it: letters, digits, blanks and
// _ . : / % & # = + - @ \, each other character left out, 200 characters at
// most, never empty.
func appendName(dst []byte, name string) []byte {
	dst = append(dst, '"')
	start, length := len(dst), 0
	for _, r := range name {
		if length == MaxNameLength {
			break
		}
		if !nameRune(r) {
			continue
		}
		if r == '\\' {
			dst = append(dst, '\\')
		}
		dst = utf8.AppendRune(dst, r)
		length++
	}
	if len(dst) == start {
		dst = append(dst, "span"...)
	}
	return append(dst, '"')
}

func nameRune(r rune) bool {
	if r < utf8.RuneSelf {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			return true
		}
		return strings.ContainsRune(`_.:/%&#=+-@\ `, r)
	}
	if r == utf8.RuneError {
		return false
	}
	// U+2028 and U+2029 are blanks to X-Ray but line ends to JavaScript.
	return unicode.In(r, unicode.L, unicode.N, unicode.Zs)
}

// appendCut appends s as a JSON string of at most limit characters.
func appendCut(dst []byte, s string, limit int) []byte {
	return appendjson.String(dst, cut(s, limit))
}

func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	n := 0
	for i := range s {
		if n == limit {
			return s[:i]
		}
		n++
	}
	return s
}
