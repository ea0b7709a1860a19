package localaws

// xrayOperations are the calls of X-Ray, each in a file of its name.
func xrayOperations() []operation {
	return []operation{
		newOperation(serviceXRay, "PutTraceSegments", "/TraceSegments", putTraceSegments),
		newOperation(serviceXRay, "PutTelemetryRecords", "/TelemetryRecords", putTelemetryRecords),
		newOperation(serviceXRay, "GetTraceSummaries", "/TraceSummaries", getTraceSummaries),
		newOperation(serviceXRay, "BatchGetTraces", "/Traces", batchGetTraces),
		newOperation(serviceXRay, "GetServiceGraph", "/ServiceGraph", getServiceGraph),
		newOperation(serviceXRay, "CreateSamplingRule", "/CreateSamplingRule", createSamplingRule),
		newOperation(serviceXRay, "UpdateSamplingRule", "/UpdateSamplingRule", updateSamplingRule),
		newOperation(serviceXRay, "DeleteSamplingRule", "/DeleteSamplingRule", deleteSamplingRule),
		newOperation(serviceXRay, "GetSamplingRules", "/GetSamplingRules", getSamplingRules),
		newOperation(serviceXRay, "GetSamplingTargets", "/SamplingTargets", getSamplingTargets),
		newOperation(serviceXRay, "GetSamplingStatisticSummaries", "/SamplingStatisticSummaries", getSamplingStatisticSummaries),
	}
}
