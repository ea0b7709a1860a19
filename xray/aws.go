package xray

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// callsAWS tells spans of AWS SDKs.
func (f *facts) callsAWS() bool { return f.text(slotRPCSystem) == awsAPI || f.text(slotService) != "" }

// appendAWS writes the aws block: of the call, and of where the service runs.
func (f *facts) appendAWS(dst []byte, s *Segment) []byte {
	r := s.Resource
	elsewhere := r != nil && r.foreign
	if elsewhere && f.compat {
		return dst
	}
	start := len(dst)
	dst = append(f.form.member(dst, "aws"), '{')
	first := len(dst)
	if s.role != roleService {
		dst = f.appendLong(dst, first, "account_id", f.account(r))
	}
	if s.role != roleService && f.call {
		dst = f.appendLong(dst, first, "operation", f.awsOperation())
		dst = f.appendLong(dst, first, "region", firstOf(f.text(slotRegion), f.callRegion()))
		dst = f.appendLong(dst, first, "request_id", f.text(slotRequestID))
		dst = f.appendLong(dst, first, "queue_url", f.queue())
		dst = f.appendTables(dst, first)
		dst = f.appendLong(dst, first, "bucket_name", f.text(slotBucket))
		dst = f.appendLong(dst, first, "topic_arn", f.text(slotTopic))
		dst = f.appendLong(dst, first, "function_name", f.text(slotFunction))
	}
	if !elsewhere && !f.trim.bare {
		comma := len(dst)
		switch {
		case r == nil:
			dst = f.form.within(append(dst, noResourceAWS...), comma)
		case f.compat:
			dst = append(dst, r.awsCompat[f.form]...)
		default:
			dst = append(dst, r.aws[f.form]...)
		}
		if comma == first {
			dst = append(dst[:first], dst[first+1:]...)
		}
	}
	if len(dst) == first {
		return dst[:start]
	}
	return append(dst, '}')
}

// noResourceAWS is what a span without a resource says of its SDK.
const noResourceAWS = `,"xray":{"auto_instrumentation":false}`

// account is the account called, or the service's own.
func (f *facts) account(r *Resource) string {
	account := f.text(slotAccountID)
	given := account != "" || f.compat && f.value(slotAccountID).Type() != attribute.EMPTY
	if given || r == nil || r.foreign {
		return account
	}
	return r.account
}

func (f *facts) awsOperation() string {
	operation, method := f.text(slotOperation), f.text(slotRPCMethod)
	switch {
	case f.compat && f.has(slotOperation), operation != "":
		return operation
	case f.compat:
		return method
	case f.callsAWS():
		// Semantic conventions 1.39 have "SQS/SendMessage" in rpc.method.
		return method[strings.LastIndexByte(method, '/')+1:]
	}
	return ""
}

// callRegion is the region of a call to AWS, by its stable name.
func (f *facts) callRegion() string {
	if !f.callsAWS() {
		return ""
	}
	return f.text(slotCloudRegion)
}

func (f *facts) queue() string {
	if f.compat && f.has(slotMessagingURL) {
		return f.text(slotMessagingURL)
	}
	return f.first(slotMessagingURL, slotQueueURL)
}

// appendTables writes one table as table_name, several as table_names.
func (f *facts) appendTables(dst []byte, first int) []byte {
	v := f.value(slotTables)
	var tables []string
	switch {
	case v.Type() == attribute.STRING && (f.compat || str(v) != ""):
		return f.appendLong(dst, first, "table_name", str(v))
	case isList(&v) && f.compat:
		tables = textsOf(v)
	case isList(&v):
		tables = stringsOf(v)
	}
	switch len(tables) {
	case 0:
		return f.appendLong(dst, first, "table_name", f.text(slotTableName))
	case 1:
		return f.appendLong(dst, first, "table_name", tables[0])
	}
	if f.trim.bare {
		return dst
	}
	list := attribute.StringSliceValue(tables)
	return f.form.value(f.form.key(appendSeparator(dst, first), "table_names"), &list)
}
