package awsapi

import "fmt"

// A Service is one of the AWS services that take telemetry.
type Service int

// The services.
const (
	// XRay takes trace segments.
	XRay Service = iota + 1
	// Logs is CloudWatch Logs.
	Logs
	// CloudWatch takes metrics.
	CloudWatch
)

// names of a service: what AWS's SDKs call it in AWS_ENDPOINT_URL_<ID>, and its name in host names and signatures.
type serviceNames struct{ sdkID, signing string }

func (s Service) names() (serviceNames, bool) {
	switch s {
	case XRay:
		return serviceNames{"XRay", "xray"}, true
	case Logs:
		return serviceNames{"CloudWatch Logs", "logs"}, true
	case CloudWatch:
		return serviceNames{"CloudWatch", "monitoring"}, true
	}
	return serviceNames{}, false
}

// String returns the service's name in host names and signatures, as "xray", "logs" or "monitoring".
func (s Service) String() string {
	if n, ok := s.names(); ok {
		return n.signing
	}
	return fmt.Sprintf("Service(%d)", int(s))
}
