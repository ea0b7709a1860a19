package xray

import "go.opentelemetry.io/otel/attribute"

// A slot is the meaning of an attribute that has a place of its own in a
// segment document, under whichever of its names. Their order groups them by
// the block they go into: what stands in a block that is written is not
// repeated as metadata.
type slot uint8

const (
	slotNone slot = iota

	// The http block. Those up to the status make one; the others take part.
	slotMethod
	slotURL
	slotScheme
	slotHTTPHost
	slotTarget
	slotPath
	slotQuery
	slotUserAgent
	slotClientIP
	slotServerName
	slotStatus
	slotStatusStable
	slotClientAddress
	slotPeerAddress
	slotNetPeerIP
	slotNetPeerName
	slotNetPeerPort
	slotNetHostName
	slotNetHostPort
	slotHostName
	slotServerAddress
	slotServerPort
	slotContentLength
	slotNoAddress // where an IP address is wanted

	// The sql block.
	slotDBSystem
	slotDBNamespace
	slotDBUser
	slotDBStatement
	slotDBConnection

	// The aws block.
	slotOperation
	slotRegion
	slotRequestID
	slotAccountID
	slotQueueURL
	slotTableName
	slotBucket
	slotTopic
	slotFunction

	// The aws block of a call to AWS.
	slotCloudRegion
	slotRPCMethod

	// Other members.
	slotUserID     // unless there is slotEndUser
	slotStatusText // unless there is another cause
	slotEndUser
	slotInProgress
	slotIndexed

	// These say something, and stay in the metadata.
	slotService
	slotMessagingURL
	slotTables
	slotRPCSystem
	slotRPCService
	slotGRPCStatus
	slotErrorCode
	slotLocalService
	slotRemoteService // with the next: nothing of the service's segment
	slotRemote
	slotPeerService
	slotSpanKind
	slotDestination
	slotMessageType
	slotPayloadSize

	slots
)

// The last slot of each group.
const (
	lastMakesHTTP = slotStatusStable
	lastHTTP      = slotNoAddress
	lastSQL       = slotDBConnection
	lastAWS       = slotFunction
	lastCall      = slotRPCMethod
	lastMember    = slotIndexed
)

// slotOf is the slot of an attribute by its name, of those names that the
// collector's exporter knows.
//
//nolint:funlen // a table
func slotOf(key attribute.Key) slot {
	switch key {
	case "http.method", "http.request.method":
		return slotMethod
	case "http.url", "url.full":
		return slotURL
	case "http.scheme", "url.scheme":
		return slotScheme
	case "http.host":
		return slotHTTPHost
	case "http.target":
		return slotTarget
	case "url.path":
		return slotPath
	case "url.query":
		return slotQuery
	case "http.user_agent", "user_agent.original":
		return slotUserAgent
	case "http.client_ip":
		return slotClientIP
	case "http.server_name":
		return slotServerName
	case "http.status_code":
		return slotStatus
	case "http.response.status_code":
		return slotStatusStable
	case "client.address":
		return slotClientAddress
	case "network.peer.address":
		return slotPeerAddress
	case "net.peer.ip":
		return slotNetPeerIP
	case "net.peer.name":
		return slotNetPeerName
	case "net.peer.port":
		return slotNetPeerPort
	case "net.host.name":
		return slotNetHostName
	case "net.host.port":
		return slotNetHostPort
	case "host.name":
		return slotHostName
	case "server.address":
		return slotServerAddress
	case "server.port":
		return slotServerPort

	case "db.system":
		return slotDBSystem
	case "db.name":
		return slotDBNamespace
	case "db.user":
		return slotDBUser
	case "db.statement":
		return slotDBStatement
	case "db.connection_string":
		return slotDBConnection

	case "aws.operation":
		return slotOperation
	case "aws.region":
		return slotRegion
	case "aws.request_id", "aws.requestId":
		return slotRequestID
	case "aws.account_id":
		return slotAccountID
	case "aws.queue_url", "aws.queue.url":
		return slotQueueURL
	case "aws.table_name", "aws.table.name":
		return slotTableName
	case "rpc.method":
		return slotRPCMethod

	case "http.status_text":
		return slotStatusText
	case "enduser.id":
		return slotEndUser
	case "aws.xray.inprogress":
		return slotInProgress
	case "aws.xray.annotations":
		return slotIndexed

	case "aws.service":
		return slotService
	case "messaging.url":
		return slotMessagingURL
	case "aws.dynamodb.table_names":
		return slotTables
	case "rpc.system":
		return slotRPCSystem
	case "rpc.service":
		return slotRPCService
	case "aws.local.service":
		return slotLocalService
	case "aws.remote.service":
		return slotRemoteService
	case "aws.remote.operation", "remoteTarget", "K8s.RemoteNamespace":
		return slotRemote
	case "peer.service":
		return slotPeerService
	case "aws.span.kind":
		return slotSpanKind
	case "message.type":
		return slotMessageType
	case "messaging.message_payload_size_bytes":
		return slotPayloadSize
	}
	return slotNone
}

// newerSlotOf is the slot of an attribute by those names that the collector's
// exporter does not know.
func newerSlotOf(key attribute.Key) slot {
	switch key {
	case "net.sock.peer.addr":
		return slotPeerAddress
	case "http.response_content_length", "http.response.body.size":
		return slotContentLength
	case "db.system.name":
		return slotDBSystem
	case "db.namespace":
		return slotDBNamespace
	case "db.query.text":
		return slotDBStatement
	case "aws.sqs.queue.url":
		return slotQueueURL
	case "aws.s3.bucket":
		return slotBucket
	case "aws.sns.topic.arn":
		return slotTopic
	case "aws.lambda.function.name":
		return slotFunction
	case "cloud.region":
		return slotCloudRegion
	case "rpc.system.name":
		return slotRPCSystem
	case "rpc.grpc.status_code", "rpc.response.status_code":
		return slotGRPCStatus
	case "error.type", "aws.error.code":
		return slotErrorCode
	case "service.peer.name":
		return slotPeerService
	case "messaging.destination.name", "messaging.destination":
		return slotDestination
	case "user.id":
		return slotUserID
	}
	return slotNone
}

// fits tells whether a value is of the type that its slot wants. One that is
// not stays an attribute like any other; to the collector's exporter it is
// there, without a value.
func (sl slot) fits(v *attribute.Value, compat bool) bool {
	switch sl {
	case slotInProgress:
		return v.Type() == attribute.BOOL
	case slotIndexed:
		return isList(v)
	case slotPeerAddress:
		return isIP(v, compat)
	}
	if compat {
		return true
	}
	switch sl {
	case slotStatus, slotStatusStable, slotContentLength:
		_, ok := integer(v)
		return ok
	case slotServerPort, slotNetHostPort, slotNetPeerPort, slotTables, slotGRPCStatus, slotPayloadSize:
		return true
	}
	return v.Type() == attribute.STRING
}
