package appsignals

import (
	"net/url"
	"strings"
)

// remote is what was called. What the code says by hand comes first, then
// what the call is: a remote procedure, a database, a function, a message, a
// query of GraphQL; last its address and its path.
func remote(f *facts) (service, operation string) {
	switch {
	case f.hasAny(slotRemoteService, slotRemoteOperation):
		service, operation = f.text(slotRemoteService), f.text(slotRemoteOperation)
	case f.hasAny(slotRPCService, slotRPCMethod):
		service, operation = procedure(f)
	case f.callsDB():
		service = f.first(slotDBSystem, slotDBSystemOld)
		if operation = f.first(slotDBOperation, slotDBOperationOld); operation == "" {
			operation = statementVerb(f.first(slotDBQuery, slotDBQueryOld))
		}
	case f.hasAny(slotFaaSName, slotFaaSTrigger):
		service, operation = f.text(slotFaaSName), f.text(slotFaaSTrigger)
	case f.hasAny(slotMessagingSystem, slotMessagingType, slotMessagingTypeOld):
		service, operation = f.text(slotMessagingSystem), f.first(slotMessagingType, slotMessagingTypeOld)
	case f.has(slotGraphQL):
		service, operation = "graphql", f.text(slotGraphQL)
	}
	if f.has(slotPeerService) && !f.has(slotRemoteService) {
		service = f.text(slotPeerService)
	}
	if service == "" || service == UnknownRemoteService {
		service = addressed(f)
	}
	if operation == "" || operation == UnknownRemoteOperation {
		operation = requested(f)
	}
	return service, operation
}

// procedure is the service and the operation of a remote procedure call.
// Semantic conventions 1.39 have both in rpc.method, with a slash between.
func procedure(f *facts) (service, operation string) {
	service, operation = f.text(slotRPCService), f.text(slotRPCMethod)
	if before, after, ok := cutLast(operation, '/'); ok && (service == "" || f.callsAWS()) {
		if service == "" {
			service = before
		}
		operation = after
	}
	if service == "" || !f.callsAWS() {
		return service, operation
	}
	if invokes(f) {
		return f.text(slotFunctionName), operation
	}
	return awsService(service), operation
}

func cutLast(s string, sep byte) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// awsService names a service by what CloudFormation's types begin with, as far
// as that is known.
// https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/supported-resources.html
func awsService(id string) string {
	switch id {
	case "Bedrock Agent", "Bedrock Agent Runtime":
		return "AWS::Bedrock"
	case "Bedrock Runtime":
		return "AWS::BedrockRuntime"
	case "Bedrock AgentCore", "Bedrock AgentCore Control":
		return "AWS::BedrockAgentCore"
	case "Secrets Manager":
		return "AWS::SecretsManager"
	case "SFN":
		return "AWS::StepFunctions"
	}
	return "AWS::" + id
}

// invokes tells the invocations of Lambda functions: the function is then a
// service, not a resource.
func invokes(f *facts) bool {
	service, method := f.text(slotRPCService), f.text(slotRPCMethod)
	if before, after, ok := cutLast(method, '/'); ok {
		method = after
		if service == "" {
			service = before
		}
	}
	return service == "Lambda" && method == "Invoke" && f.callsAWS()
}

// places are where an address stands, and its port, the best first.
var places = [...]struct{ address, port slot }{
	{slotServer, slotServerPort},
	{slotPeerName, slotPeerPort},
	{slotNetworkPeer, slotNetworkPeerPort},
	{slotSockPeer, slotSockPeerPort},
}

// addressed names a service by its address.
func addressed(f *facts) string {
	for _, p := range places {
		if address := f.text(p.address); address != "" {
			if port := f.text(p.port); port != "" {
				return address + ":" + port
			}
			return address
		}
	}
	if u, err := url.Parse(f.first(slotURL, slotURLOld)); err == nil && u.Host != "" {
		return u.Host
	}
	return UnknownRemoteService
}

// requested names an operation by the method and the path of a request.
func requested(f *facts) string {
	operation := UnknownRemoteOperation
	if path, ok := pathOf(f.first(slotURL, slotURLOld)); ok {
		operation = firstPart(path)
	}
	return withMethod(f.method(), operation)
}

// ofMetadataService tells calls to the metadata service of EC2, by which the
// AWS SDKs get credentials.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
func ofMetadataService(service string) bool {
	for _, address := range [...]string{"169.254.169.254", "[fd00:ec2::254]", "fd00:ec2::254"} {
		if rest, ok := strings.CutPrefix(service, address); ok && (rest == "" || rest[0] == ':') {
			return true
		}
	}
	return false
}
