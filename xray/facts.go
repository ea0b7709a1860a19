package xray

import (
	"net/netip"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// awsAPI is the value of rpc.system that AWS SDK spans carry.
const awsAPI = "aws-api"

// facts are the span attributes with a place of their own in a segment
// document, under both the old and the stable semantic conventions.
type facts struct {
	groups [128]group // of each attribute by its place; later ones are looked up again
	compat bool
	trim   trim

	subsegment, localRoot bool

	// http
	http, urlHost, peerSeen               bool
	method, url, scheme, httpHost, target string
	path, query, userAgent                string
	clientIP, clientAddress, peerAddress  string
	serverName, netHostName, hostName     string
	serverAddress, netPeerName, netPeerIP string
	netHostPort, netPeerPort, serverPort  port
	status, statusStable                  number
	contentLength, payloadSize            int64
	messageType, statusText               string

	// sql
	dbSystem, dbNamespace, dbUser, dbStatement, dbConnection string

	// aws and rpc
	service, operation, region, cloudRegion string
	requestID, accountID                    string
	queueURL, messagingURL, tableName       string
	bucket, topic                           string
	tables                                  attribute.Value
	rpcSystem, rpcService, rpcMethod        string
	grpcStatus                              int64

	// the rest
	localService, remoteService, peerService string
	messagingDestination                     string
	enduser, userID                          string
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
	groupCall       // of the aws block, where the span is a call to AWS
	groupStatusText // the cause of a failed span without another
	groupUserID
	groupTaken
)

type number struct {
	value int64
	set   bool
}

// A port is a number, or what stood in its place.
type port struct {
	number
	text string
}

func (f *facts) gather(s *Segment) {
	f.compat = s.Compat
	f.trim.frames = maxStackFrames
	if f.compat {
		f.trim.frames = 1 << 30
	}
	for i, kv := range s.Attributes {
		if s.role == roleService && ofDependency(string(kv.Key)) {
			continue
		}
		g := f.take(string(kv.Key), kv.Value)
		if i < len(f.groups) {
			f.groups[i] = g
		}
	}
	switch {
	case s.role == roleService, f.localRoot && (s.Kind == trace.SpanKindServer || s.Kind == trace.SpanKindInternal):
	case s.role == roleDependency:
		f.subsegment = true
	default:
		f.subsegment = inside(s)
	}
}

// inside tells spans that X-Ray shows inside their parent's segment.
func inside(s *Segment) bool {
	return s.ParentID.IsValid() && s.Kind != trace.SpanKindServer && s.Kind != trace.SpanKindConsumer
}

// take files one attribute, and says in which block it went.
//
//nolint:funlen // a table: one case for each attribute
func (f *facts) take(key string, v attribute.Value) group {
	switch key {
	case "http.method", "http.request.method":
		f.http = true
		return f.text(&f.method, v, groupHTTP)
	case "http.url", "url.full":
		f.http, f.urlHost = true, true
		return f.text(&f.url, v, groupHTTP)
	case "http.scheme", "url.scheme":
		f.http = true
		return f.text(&f.scheme, v, groupHTTP)
	case "http.host":
		f.http, f.urlHost = true, true
		return f.text(&f.httpHost, v, groupHTTP)
	case "http.target":
		f.http = true
		return f.text(&f.target, v, groupHTTP)
	case "url.path":
		f.http = true
		return f.text(&f.path, v, groupHTTP)
	case "url.query":
		f.http = true
		return f.text(&f.query, v, groupHTTP)
	case "http.user_agent", "user_agent.original":
		f.http = true
		return f.text(&f.userAgent, v, groupHTTP)
	case "http.client_ip":
		f.http = true
		return f.text(&f.clientIP, v, groupHTTP)
	case "client.address":
		if f.compat && !isIP(v) {
			return groupHTTP
		}
		return f.text(&f.clientAddress, v, groupHTTP)
	case "net.peer.ip":
		f.urlHost, f.peerSeen = true, true
		return f.text(&f.netPeerIP, v, groupHTTP)
	case "network.peer.address":
		if isIP(v) {
			f.urlHost, f.peerSeen, f.peerAddress = true, true, v.AsString()
		}
		return groupHTTP
	case "server.address":
		f.urlHost = true
		return f.text(&f.serverAddress, v, groupHTTP)
	case "net.host.name":
		f.urlHost = true
		return f.text(&f.netHostName, v, groupHTTP)
	case "host.name":
		f.urlHost = true
		return f.text(&f.hostName, v, groupHTTP)
	case "http.server_name":
		f.urlHost, f.http = true, true
		return f.text(&f.serverName, v, groupHTTP)
	case "net.peer.name":
		f.urlHost = true
		return f.text(&f.netPeerName, v, groupHTTP)
	case "server.port":
		return f.port(&f.serverPort, v)
	case "net.host.port":
		f.http = f.http || f.compat
		return f.port(&f.netHostPort, v)
	case "net.peer.port":
		return f.port(&f.netPeerPort, v)
	case "http.status_code":
		f.http = true
		return f.number(&f.status, v, groupHTTP)
	case "http.response.status_code":
		f.http = true
		return f.number(&f.statusStable, v, groupHTTP)
	case "messaging.message_payload_size_bytes":
		f.payloadSize = v.AsInt64()
	case "message.type":
		f.messageType = str(v)
	case "http.status_text":
		return f.text(&f.statusText, v, groupStatusText)

	case "db.system":
		return f.text(&f.dbSystem, v, groupSQL)
	case "db.name":
		return f.text(&f.dbNamespace, v, groupSQL)
	case "db.user":
		return f.text(&f.dbUser, v, groupSQL)
	case "db.statement":
		return f.text(&f.dbStatement, v, groupSQL)
	case "db.connection_string":
		return f.text(&f.dbConnection, v, groupSQL)

	case "aws.service":
		f.service = str(v)
	case "aws.operation":
		return f.text(&f.operation, v, groupAWS)
	case "aws.region":
		return f.text(&f.region, v, groupAWS)
	case "aws.request_id", "aws.requestId":
		return f.text(&f.requestID, v, groupAWS)
	case "aws.account_id":
		return f.text(&f.accountID, v, groupAWS)
	case "aws.queue_url", "aws.queue.url":
		return f.text(&f.queueURL, v, groupAWS)
	case "messaging.url":
		f.messagingURL = str(v)
	case "aws.table_name", "aws.table.name":
		return f.text(&f.tableName, v, groupAWS)
	case "aws.dynamodb.table_names":
		f.tables = v
	case "rpc.system":
		f.rpcSystem = str(v)
	case "rpc.service":
		f.rpcService = str(v)
	case "rpc.method":
		return f.text(&f.rpcMethod, v, groupCall)

	case "aws.local.service":
		f.localService = str(v)
	case "aws.remote.service":
		f.remoteService = str(v)
	case "aws.span.kind":
		f.localRoot = str(v) == localRoot
	case "peer.service":
		f.peerService = str(v)
	case "enduser.id":
		return f.text(&f.enduser, v, groupTaken)
	case "aws.xray.inprogress":
		if v.Type() == attribute.BOOL {
			f.inProgress = v.AsBool()
			return groupTaken
		}
	case "aws.xray.annotations":
		if isList(v) {
			f.indexed = stringsOf(v)
			return groupTaken
		}
	default:
		if !f.compat {
			return f.takeNewer(key, v)
		}
	}
	return groupNone
}

// takeNewer files the attributes that the collector's exporter doesn't know.
func (f *facts) takeNewer(key string, v attribute.Value) group {
	switch key {
	case "net.sock.peer.addr":
		if isIP(v) {
			f.peerSeen, f.peerAddress = true, v.AsString()
			return groupHTTP
		}
	case "http.response_content_length", "http.response.body.size":
		var n number
		g := f.number(&n, v, groupHTTP)
		f.contentLength = n.value
		return g
	case "db.system.name":
		return f.text(&f.dbSystem, v, groupSQL)
	case "db.namespace":
		return f.text(&f.dbNamespace, v, groupSQL)
	case "db.query.text":
		return f.text(&f.dbStatement, v, groupSQL)
	case "aws.sqs.queue.url":
		return f.text(&f.queueURL, v, groupAWS)
	case "aws.s3.bucket":
		return f.text(&f.bucket, v, groupAWS)
	case "aws.sns.topic.arn":
		return f.text(&f.topic, v, groupAWS)
	case "cloud.region":
		return f.text(&f.cloudRegion, v, groupCall)
	case "rpc.system.name":
		f.rpcSystem = str(v)
	case "rpc.grpc.status_code", "rpc.response.status_code":
		f.grpcStatus = grpcCode(v)
	case "service.peer.name":
		f.peerService = str(v)
	case "messaging.destination.name", "messaging.destination":
		f.messagingDestination = str(v)
	case "user.id":
		return f.text(&f.userID, v, groupUserID)
	}
	return groupNone
}

// placed tells whether the attribute at i stands in a block of the document.
func (f *facts) placed(s *Segment, i int) bool {
	var g group
	if i < len(f.groups) {
		g = f.groups[i]
	} else {
		scratch := facts{compat: f.compat}
		g = scratch.take(string(s.Attributes[i].Key), s.Attributes[i].Value)
	}
	switch g {
	case groupHTTP:
		return f.http || f.compat
	case groupSQL:
		return isSQL(f.dbSystem, f.compat)
	case groupAWS, groupTaken:
		return true
	case groupCall:
		return f.compat || f.callsAWS()
	case groupUserID:
		return f.enduser == ""
	case groupStatusText:
		return f.takesStatusText(s)
	}
	return false
}

func (f *facts) text(to *string, v attribute.Value, g group) group {
	if v.Type() != attribute.STRING {
		if f.compat {
			*to = ""
			return g
		}
		return groupNone
	}
	*to = v.AsString()
	return g
}

func (f *facts) number(to *number, v attribute.Value, g group) group {
	switch {
	case v.Type() == attribute.INT64:
		*to = number{v.AsInt64(), true}
		return g
	case f.compat:
		*to = number{0, true}
		return g
	case v.Type() == attribute.STRING: // some instrumentation writes numbers as text
		if n, err := strconv.ParseInt(v.AsString(), 10, 64); err == nil {
			*to = number{n, true}
			return g
		}
	}
	return groupNone
}

func (f *facts) port(to *port, v attribute.Value) group {
	to.set, to.text = true, str(v)
	if v.Type() == attribute.INT64 {
		to.value = v.AsInt64()
	}
	return groupHTTP
}

func str(v attribute.Value) string {
	if v.Type() != attribute.STRING {
		return ""
	}
	return v.AsString()
}

func isIP(v attribute.Value) bool {
	if v.Type() != attribute.STRING {
		return false
	}
	_, err := netip.ParseAddr(v.AsString())
	return err == nil
}

func isList(v attribute.Value) bool {
	return v.Type() == attribute.STRINGSLICE || v.Type() == attribute.SLICE
}

// stringsOf are the strings of a list.
func stringsOf(v attribute.Value) []string {
	if v.Type() != attribute.SLICE {
		return v.AsStringSlice()
	}
	var list []string
	for _, e := range v.AsSlice() {
		if e.Type() == attribute.STRING {
			list = append(list, e.AsString())
		}
	}
	return list
}
