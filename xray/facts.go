package xray

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// awsAPI is the value of rpc.system that AWS SDK spans carry.
const awsAPI = "aws-api"

// facts are the span attributes with a place of their own in a segment
// document, under both the old and the stable semantic conventions.
type facts struct {
	groups [128]group // of each attribute by its place; those behind have none

	// http
	method, url, scheme, httpHost, target, path, query string
	userAgent, clientAddress, peerAddress              string
	serverAddress, netPeerName                         string
	serverPort                                         int64
	status                                             int64
	contentLength                                      int64

	// sql
	dbSystem, dbNamespace, dbUser, dbStatement, dbConnection string

	// aws and rpc
	service, operation, region, requestID, accountID string
	queueURL, tableName                              string
	rpcSystem, rpcService, rpcMethod                 string

	// the rest
	localService, remoteService, peerService string
	messagingDestination                     string
	user                                     string
	inProgress                               bool
	indexed                                  []string
}

// A group is the block of the document an attribute goes into. What has one
// and whose block is written is not repeated as metadata.
type group uint8

const (
	groupNone group = iota
	groupHTTP
	groupSQL
	groupAWS
	groupName // names the document; kept as metadata as well
	groupTaken
)

func (f *facts) gather(s *Segment) {
	for i, kv := range s.Attributes {
		g := f.take(string(kv.Key), kv.Value)
		if i < len(f.groups) {
			f.groups[i] = g
		}
	}
}

// take files one attribute, and says in which block it went.
//
//nolint:funlen // a table: one case for each attribute
func (f *facts) take(key string, v attribute.Value) group {
	switch key {
	case "http.method", "http.request.method":
		return text(&f.method, v, groupHTTP)
	case "http.url", "url.full":
		return text(&f.url, v, groupHTTP)
	case "http.scheme", "url.scheme":
		return text(&f.scheme, v, groupHTTP)
	case "http.host":
		return text(&f.httpHost, v, groupHTTP)
	case "http.target":
		return text(&f.target, v, groupHTTP)
	case "url.path":
		return text(&f.path, v, groupHTTP)
	case "url.query":
		return text(&f.query, v, groupHTTP)
	case "http.user_agent", "user_agent.original":
		return text(&f.userAgent, v, groupHTTP)
	case "http.client_ip", "client.address":
		return text(&f.clientAddress, v, groupHTTP)
	case "net.peer.ip", "network.peer.address", "net.sock.peer.addr":
		return text(&f.peerAddress, v, groupHTTP)
	case "server.address", "net.host.name", "http.server_name":
		return text(&f.serverAddress, v, groupHTTP)
	case "net.peer.name":
		return text(&f.netPeerName, v, groupHTTP)
	case "server.port", "net.host.port", "net.peer.port":
		return number(&f.serverPort, v, groupHTTP)
	case "http.status_code", "http.response.status_code":
		return number(&f.status, v, groupHTTP)
	case "http.response_content_length", "http.response.body.size":
		return number(&f.contentLength, v, groupHTTP)

	case "db.system", "db.system.name":
		return text(&f.dbSystem, v, groupSQL)
	case "db.name", "db.namespace":
		return text(&f.dbNamespace, v, groupSQL)
	case "db.user":
		return text(&f.dbUser, v, groupSQL)
	case "db.statement", "db.query.text":
		return text(&f.dbStatement, v, groupSQL)
	case "db.connection_string":
		return text(&f.dbConnection, v, groupSQL)

	case "aws.service":
		return text(&f.service, v, groupName)
	case "aws.operation":
		return text(&f.operation, v, groupAWS)
	case "aws.region":
		return text(&f.region, v, groupAWS)
	case "aws.request_id", "aws.requestId":
		return text(&f.requestID, v, groupAWS)
	case "aws.account_id":
		return text(&f.accountID, v, groupAWS)
	case "aws.queue_url", "aws.queue.url", "aws.sqs.queue.url", "messaging.url":
		return text(&f.queueURL, v, groupAWS)
	case "aws.table_name", "aws.table.name":
		return text(&f.tableName, v, groupAWS)
	case "aws.dynamodb.table_names":
		if tables := v.AsStringSlice(); len(tables) == 1 {
			f.tableName = tables[0]
			return groupAWS
		}
		return groupNone
	case "rpc.system", "rpc.system.name":
		return text(&f.rpcSystem, v, groupName)
	case "rpc.service":
		return text(&f.rpcService, v, groupName)
	case "rpc.method":
		return text(&f.rpcMethod, v, groupName)

	case "aws.local.service":
		return text(&f.localService, v, groupName)
	case "aws.remote.service":
		return text(&f.remoteService, v, groupName)
	case "peer.service", "service.peer.name":
		return text(&f.peerService, v, groupName)
	case "messaging.destination.name", "messaging.destination":
		return text(&f.messagingDestination, v, groupName)
	case "enduser.id", "user.id":
		return text(&f.user, v, groupTaken)
	case "aws.xray.inprogress":
		f.inProgress = v.Type() == attribute.BOOL && v.AsBool()
		return groupTaken
	case "aws.xray.annotations":
		f.indexed = v.AsStringSlice()
		return groupTaken
	}
	return groupNone
}

func text(to *string, v attribute.Value, g group) group {
	if v.Type() != attribute.STRING {
		return groupNone
	}
	*to = v.AsString()
	return g
}

func number(to *int64, v attribute.Value, g group) group {
	switch v.Type() {
	case attribute.INT64:
		*to = v.AsInt64()
	case attribute.STRING: // some instrumentation writes numbers as text
		n, err := strconv.ParseInt(v.AsString(), 10, 64)
		if err != nil {
			return groupNone
		}
		*to = n
	default:
		return groupNone
	}
	return g
}

// appendFlags writes X-Ray's verdict on the request: error for 4xx, throttle
// besides for 429, fault for 5xx and for a failed span without such a status.
func (f *facts) appendFlags(dst []byte, s *Segment) []byte {
	switch {
	case f.status >= 400 && f.status < 500:
		dst = append(dst, `,"error":true`...)
		if f.status == 429 {
			dst = append(dst, `,"throttle":true`...)
		}
	case f.status >= 500 && f.status < 600, s.Status == codes.Error:
		dst = append(dst, `,"fault":true`...)
	}
	return dst
}

func (f *facts) hasHTTP() bool {
	return f.method != "" || f.url != "" || f.status != 0
}

// appendHTTP writes the http block, where the span is of an HTTP request.
func (f *facts) appendHTTP(dst []byte, s *Segment) []byte {
	if !f.hasHTTP() {
		return dst
	}
	dst = append(dst, `,"http":{"request":{`...)
	first := len(dst)
	dst = appendField(dst, first, "method", f.method)
	dst = f.appendURL(dst, first)
	dst = appendField(dst, first, "user_agent", f.userAgent)
	if !isSubsegment(s) {
		dst = appendField(dst, first, "client_ip", firstOf(f.clientAddress, f.peerAddress))
		if f.clientAddress != "" && f.peerAddress != "" && f.clientAddress != f.peerAddress {
			dst = append(dst, `,"x_forwarded_for":true`...)
		}
	}
	dst = append(dst, '}')
	if f.status != 0 || f.contentLength != 0 {
		dst = append(dst, `,"response":{"status":`...)
		dst = strconv.AppendInt(dst, f.status, 10)
		if f.contentLength > 0 {
			dst = append(dst, `,"content_length":`...)
			dst = strconv.AppendInt(dst, f.contentLength, 10)
		}
		dst = append(dst, '}')
	}
	return append(dst, '}')
}

// appendURL writes the URL, as given or put together from its parts.
func (f *facts) appendURL(dst []byte, first int) []byte {
	if f.url != "" {
		return appendField(dst, first, "url", withoutPassword(f.url))
	}
	host := firstOf(f.httpHost, f.serverAddress, f.netPeerName)
	if host == "" {
		return appendField(dst, first, "url", f.requestTarget())
	}
	scheme := firstOf(f.scheme, "http")
	if len(dst) != first {
		dst = append(dst, ',')
	}
	dst = append(dst, `"url":"`...)
	left := MaxStringLength
	part := func(s string) {
		s = cut(s, left)
		left -= utf8.RuneCountInString(s)
		dst = appendjson.Escape(dst, s)
	}
	part(scheme)
	part("://")
	part(host)
	defaultPort := (scheme == "http" && f.serverPort == 80) || (scheme == "https" && f.serverPort == 443)
	if f.serverPort > 0 && !defaultPort && f.httpHost == "" {
		var port [24]byte
		part(":")
		part(string(strconv.AppendInt(port[:0], f.serverPort, 10)))
	}
	part(firstOf(f.target, f.path))
	if f.target == "" && f.query != "" {
		part("?")
		part(f.query)
	}
	return append(dst, '"')
}

func (f *facts) requestTarget() string {
	switch {
	case f.target != "":
		return f.target
	case f.query != "":
		return f.path + "?" + f.query
	}
	return f.path
}

// withoutPassword takes credentials out of a URL.
func withoutPassword(raw string) string {
	if !strings.Contains(raw, "@") {
		return raw
	}
	u, err := url.Parse(raw)
	if err != nil || u.User == nil {
		return raw
	}
	u.User = nil
	return u.String()
}

// sqlSystems are the databases for which X-Ray's sql block makes sense, by
// both generations of OpenTelemetry's names.
func isSQL(system string) bool {
	switch system {
	case "db2", "derby", "hive", "mariadb", "mssql", "mysql", "oracle", "postgresql", "sqlite", "teradata", "other_sql",
		"ibm.db2", "microsoft.sql_server", "oracle.db", "cockroachdb", "clickhouse", "firebirdsql", "hsqldb", "sap.hana", "trino", "aws.redshift", "gcp.spanner":
		return true
	}
	return false
}

// appendSQL writes the sql block of a call to an SQL database.
func (f *facts) appendSQL(dst []byte, _ *Segment, name string) []byte {
	if !isSQL(f.dbSystem) {
		return dst
	}
	dst = append(dst, `,"sql":{`...)
	first := len(dst)
	dst = appendLong(dst, first, "url", firstOf(f.dbConnection, name))
	dst = appendLong(dst, first, "database_type", f.dbSystem)
	dst = appendField(dst, first, "user", f.dbUser)
	dst = appendLong(dst, first, "sanitized_query", f.dbStatement)
	return append(dst, '}')
}

// appendAWS writes the aws block: of the call for a subsegment, of the
// resource for a segment.
func (f *facts) appendAWS(dst []byte, s *Segment) []byte {
	dst = append(dst, `,"aws":{`...)
	first := len(dst)
	dst = appendField(dst, first, "account_id", f.accountID)
	operation := f.operation
	if operation == "" && f.rpcSystem == awsAPI {
		operation = f.rpcMethod[strings.LastIndexByte(f.rpcMethod, '/')+1:]
	}
	dst = appendField(dst, first, "operation", operation)
	dst = appendField(dst, first, "region", f.region)
	dst = appendField(dst, first, "request_id", f.requestID)
	dst = appendLong(dst, first, "queue_url", f.queueURL)
	dst = appendField(dst, first, "table_name", f.tableName)
	if r := s.Resource; r != nil {
		blocks := r.aws
		if len(dst) == first {
			blocks = blocks[min(1, len(blocks)):] // its leading comma
		}
		dst = append(dst, blocks...)
	}
	if len(dst) == first {
		return dst[:first-len(`,"aws":{`)]
	}
	return append(dst, '}')
}

// appendField appends a string member of at most MaxStringLength characters,
// unless it is empty. first is where the object's first member would stand.
func appendField(dst []byte, first int, key, value string) []byte {
	return appendLong(dst, first, key, cut(value, MaxStringLength))
}
