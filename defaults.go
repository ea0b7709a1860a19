package updraft

// roads are the exporters of the signals.
type roads struct{ traces, metrics, logs string }

// defaultRoads is where telemetry goes that nobody said anything about, by
// where the service runs.
//
// On ECS, EKS, EC2 and elsewhere it goes to AWS straight. A Lambda function is
// frozen between invocations, and pays for the time it waits: its spans go to
// the daemon beside it, its metrics to standard output, of which Lambda makes
// log events, and CloudWatch metrics of those.
func (e *environment) defaultRoads() roads {
	if e.lambda {
		return roads{traces: ExporterXRayUDP, metrics: ExporterEMF, logs: ExporterCloudWatchLogs}
	}
	return roads{traces: ExporterXRay, metrics: ExporterCloudWatch, logs: ExporterCloudWatchLogs}
}
