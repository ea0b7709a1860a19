package xray

import (
	"strings"
	"unicode"
	"unicode/utf16"
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
// first that is known wins.
//
// For a segment:
//
//  1. aws.local.service, as Application Signals says
//  2. the own service's name
//  3. as for a subsegment
//
// For a subsegment:
//
//  1. aws.remote.service of a call
//  2. peer.service or service.peer.name
//  3. the AWS service of an AWS SDK call
//  4. the database, as name@host
//  5. the RPC service, the messaging destination, the host of a call
//  6. the span's name
func (f *facts) name(s *Segment) (name, namespace string) {
	if f.compat {
		return f.collectorName(s)
	}
	calls := s.Kind == trace.SpanKindClient || s.Kind == trace.SpanKindProducer
	switch {
	case !f.subsegment: // X-Ray knows namespaces on subsegments only
	case f.callsAWS():
		namespace = namespaceAWS
	case calls || s.role == roleDependency:
		namespace = namespaceRemote
	}
	switch {
	case !f.subsegment && f.text(slotLocalService) != "":
		return f.text(slotLocalService), namespace
	case !f.subsegment && s.Resource != nil && s.Resource.ServiceName != "":
		return s.Resource.ServiceName, namespace
	case (calls || s.role == roleDependency) && f.text(slotRemoteService) != "":
		return f.remote(), namespace
	}
	return f.callee(s), namespace
}

// callee names what a span called, or the span itself where it called nothing.
func (f *facts) callee(s *Segment) string {
	if s.Kind == trace.SpanKindInternal || s.Kind == trace.SpanKindUnspecified {
		return firstOf(f.text(slotPeerService), f.awsService(), s.Name)
	}
	if name := firstOf(f.text(slotPeerService), f.awsService(), f.database()); name != "" {
		return name
	}
	return firstOf(f.calledRPC(), f.text(slotDestination), f.host(), s.Name)
}

// remote is aws.remote.service without the prefix that AWS calls have.
func (f *facts) remote() string {
	if f.text(slotRPCSystem) != awsAPI {
		return f.text(slotRemoteService)
	}
	return trimAWS(f.text(slotRemoteService))
}

// database is the node X-Ray draws for a database: its name at its host.
func (f *facts) database() string {
	name := f.first(slotDBNamespace, slotDBSystem)
	if name == "" {
		return ""
	}
	if at := f.text(slotDBConnection); strings.Contains(at, "://") {
		if host := hostOf(at); host != "" {
			return name + "@" + host
		}
	}
	if host := f.host(); host != "" {
		return name + "@" + host
	}
	return name
}

// host is the remote host of a call, without its port.
func (f *facts) host() string {
	return hostOf(firstOf(f.first(slotHTTPHost, slotServerAddress, slotNetPeerName), f.text(slotURL)))
}

// calledRPC is the service of a remote procedure call: semantic conventions
// 1.39 carry it in rpc.method, as "shop.Cart/Get".
func (f *facts) calledRPC() string {
	service, method := f.text(slotRPCService), f.text(slotRPCMethod)
	if service != "" || f.text(slotRPCSystem) == "" {
		return service
	}
	at := strings.LastIndexByte(method, '/')
	return strings.TrimPrefix(method[:max(at, 0)], "/")
}

// awsService is the AWS service that an AWS SDK span called, or "".
func (f *facts) awsService() string {
	if service := f.text(slotService); service != "" {
		return service
	}
	if f.text(slotRPCSystem) != awsAPI {
		return ""
	}
	if service := f.text(slotRPCService); service != "" {
		return service
	}
	// Semantic conventions 1.39 carry both in rpc.method, as "SQS/SendMessage".
	service, _, found := strings.Cut(f.text(slotRPCMethod), "/")
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
// _ . : / % & # = + - @, each other character left out (the guide lists the
// backslash too, the patterns of AWS's schema do not), 200 characters at
// most, never empty.
func (f form) appendName(dst []byte, name string) []byte {
	dst = f.quote(dst)
	start, length := len(dst), 0
	for _, r := range name {
		if !nameRune(r) {
			continue
		}
		if length+utf16.RuneLen(r) > MaxNameLength {
			break
		}
		dst = utf8.AppendRune(dst, r)
		length += utf16.RuneLen(r) // as Java counts, in which X-Ray's pattern is written
	}
	if len(dst) == start {
		dst = append(dst, "span"...)
	}
	return f.quote(dst)
}

func nameRune(r rune) bool {
	if r < utf8.RuneSelf {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			return true
		}
		return strings.ContainsRune(`_.:/%&#=+-@ `, r)
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
