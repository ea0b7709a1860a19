package xray

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// callsAWS tells spans of AWS SDKs.
func (f *facts) callsAWS() bool { return f.rpcSystem == awsAPI || f.service != "" }

// appendAWS writes the aws block: of the call, and of where the service runs.
func (f *facts) appendAWS(dst []byte, s *Segment) []byte {
	r := s.Resource
	elsewhere := r != nil && r.foreign
	if elsewhere && f.compat {
		return dst
	}
	dst = append(dst, `,"aws":{`...)
	first := len(dst)
	if s.role != roleService {
		account := f.accountID
		if r != nil && account == "" && !elsewhere {
			account = r.account
		}
		dst = f.appendLong(dst, first, "account_id", account)
		dst = f.appendLong(dst, first, "operation", f.awsOperation())
		dst = f.appendLong(dst, first, "region", firstOf(f.region, f.callRegion()))
		dst = f.appendLong(dst, first, "request_id", f.requestID)
		dst = f.appendLong(dst, first, "queue_url", firstOf(f.messagingURL, f.queueURL))
		dst = f.appendTables(dst, first)
		dst = f.appendLong(dst, first, "bucket_name", f.bucket)
		dst = f.appendLong(dst, first, "topic_arn", f.topic)
	}
	if !elsewhere && !f.trim.bare {
		comma := len(dst)
		switch {
		case r == nil:
			dst = append(dst, noResourceAWS...)
		case f.compat:
			dst = append(dst, r.awsCompat...)
		default:
			dst = append(dst, r.aws...)
		}
		if comma == first {
			dst = append(dst[:first], dst[first+1:]...)
		}
	}
	if len(dst) == first {
		return dst[:first-len(`,"aws":{`)]
	}
	return append(dst, '}')
}

// noResourceAWS is what a span without a resource says of its SDK.
const noResourceAWS = `,"xray":{"auto_instrumentation":false}`

func (f *facts) awsOperation() string {
	switch {
	case f.operation != "" || f.compat:
		return firstOf(f.operation, f.rpcMethod)
	case f.rpcSystem == awsAPI:
		// Semantic conventions 1.39 have "SQS/SendMessage" in rpc.method.
		return f.rpcMethod[strings.LastIndexByte(f.rpcMethod, '/')+1:]
	}
	return ""
}

// callRegion is the region of a call to AWS, by its stable name.
func (f *facts) callRegion() string {
	if !f.callsAWS() {
		return ""
	}
	return f.cloudRegion
}

// appendTables writes one table as table_name, several as table_names.
func (f *facts) appendTables(dst []byte, first int) []byte {
	v := f.tables
	if str(v) != "" {
		return f.appendLong(dst, first, "table_name", str(v))
	}
	if !isList(v) {
		return f.appendLong(dst, first, "table_name", f.tableName)
	}
	tables := stringsOf(v)
	switch len(tables) {
	case 0:
		return f.appendLong(dst, first, "table_name", f.tableName)
	case 1:
		return f.appendLong(dst, first, "table_name", tables[0])
	}
	if f.trim.bare {
		return dst
	}
	if len(dst) != first {
		dst = append(dst, ',')
	}
	dst = append(dst, `"table_names":`...)
	return appendjson.Value(dst, attribute.StringSliceValue(tables))
}
