package metricmath_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/updraft-otel/updraft/localaws/internal/metricmath"
)

// metric reads Namespace/Name Dimension=Value …, where the name begins behind
// the last slash.
func metric(text string) *metricmath.Candidate {
	fields := strings.Split(text, ";")
	cut := strings.LastIndexByte(fields[0], '/')
	c := &metricmath.Candidate{Namespace: fields[0][:cut], Name: fields[0][cut+1:]}
	for _, d := range fields[1:] {
		name, value, _ := strings.Cut(d, "=")
		c.Dimensions = append(c.Dimensions, metricmath.CandidateDimension{Name: name, Value: value})
	}
	return c
}

// The examples of AWS's page on the syntax of searches.
func TestSearch_documentation(t *testing.T) {
	f := func(search, candidate string, want bool) {
		t.Helper()
		s, err := metricmath.ParseSearch(search)
		if err != nil {
			t.Errorf("%s: %v", search, err)
			return
		}
		if got := s.Finds(metric(candidate)); got != want {
			t.Errorf("%s in %s: got %v, want %v", search, candidate, got, want)
		}
	}
	const cpu = "AWS/EC2/CPUUtilization;InstanceId=i-123"
	f(` {AWS/EC2,InstanceId} MetricName="CPUUtilization" `, cpu, true)
	f(` {AWS/EC2,InstanceType} MetricName="CPUUtilization" `, cpu, false)
	f(` {AWS/EC2,InstanceId} MetricName="CPUUtilization" `, "AWS/EC2/CPUUtilization;InstanceId=i-123;Zone=a", false)
	f(`{AWS/EC2}`, cpu, true)

	const custom = "MyNamespace/CustomCount1"
	for _, term := range []string{"count", "Count", "COUNT", "CustomCount", "Count1", "CustomCount1", "1"} {
		f(term, custom, true)
	}
	for _, term := range []string{"couNT", "customcount", "count1", "Custom1", "coun"} {
		f(term, custom, false)
	}
	f(` {MyNamespace}, "CustomCount1" `, custom, true)
	f(` {MyNamespace}, "customcount1" `, custom, false)
	f(` {MyNamespace}, "Custom" `, custom, false)
	f(`{AWS/NetworkELB, LoadBalancer} "ConsumedLCUs" OR flow`, "AWS/NetworkELB/ConsumedLCUs;LoadBalancer=x", true)
	f(`{AWS/NetworkELB, LoadBalancer} "ConsumedLCUs" OR flow`, "AWS/NetworkELB/ActiveFlowCount;LoadBalancer=x", true)
	f(`{AWS/NetworkELB, LoadBalancer} "ConsumedLCUs" OR flow`, "AWS/NetworkELB/HostCount;LoadBalancer=x", false)
	f(`{"My Namespace", "Dimension@Name"}, "Custom:Name[Special_Characters"`, "My Namespace/Custom:Name[Special_Characters;Dimension@Name=1", true)
	f(` "AWS/EC2" MetricName="CPUUtilization" `, cpu, true)
	f(`InstanceType=micro`, "AWS/EC2/CPUUtilization;InstanceType=t2.micro", true)
	f(`InstanceType=micro`, "AWS/EC2/micro;InstanceType=t2.large", false)
	f(`InstanceType="t2.micro" Namespace="AWS/EC2"`, "AWS/EC2/CPUUtilization;InstanceType=t2.micro", true)
	for _, term := range []string{"network/errors", "network+errors", "network-errors", "Network_Errors"} {
		f(term, "A/Network-Errors-2", true)
		f(term, "A/NetworkErrors2", true)
		f(term, "A/ErrorsNetwork", false)
	}
	f(`"Network-Errors-2"`, "A/Network-Errors-2", true)
	f(`"Network_Errors_2"`, "A/Network-Errors-2", false)
	f(`"Europe\\France Traffic\(Network\)"`, `A/Europe\France Traffic(Network)`, true)

	f(`{AWS/EC2,InstanceId} network AND packets`, "AWS/EC2/NetworkPacketsIn;InstanceId=i-1", true)
	f(`{AWS/EC2,InstanceId} network packets`, "AWS/EC2/NetworkPacketsIn;InstanceId=i-1", true)
	f(`{AWS/EC2,InstanceId} network packets`, "AWS/EC2/NetworkIn;InstanceId=i-1", false)
	f(`{AWS/EC2,InstanceId} MetricName="CPUUtilization" NOT i-123`, cpu, false)
	f(`{AWS/EC2,InstanceId} MetricName="CPUUtilization" NOT i-124`, cpu, true)
	f(`NOT Namespace=AWS `, cpu, false)
	f(`NOT Namespace=AWS `, custom, true)
	f(`(EC2 OR EBS) AND MetricName=ReadOps`, "AWS/EBS/VolumeReadOps;VolumeId=v", true)
	f(`(EC2 OR EBS) MetricName=ReadOps`, "AWS/EC2/DiskReadOps;InstanceId=i", true)
	f(`(EC2 OR EBS) MetricName=ReadOps`, "AWS/RDS/DiskReadOps;InstanceId=i", false)
	const lambda = `{AWS/Lambda,FunctionName} MetricName="Errors" OR (MetricName="Invocations" AND (ProjectA OR ProjectB))`
	f(lambda, "AWS/Lambda/Errors;FunctionName=f", true)
	f(lambda, "AWS/Lambda/Invocations;FunctionName=f", false)
	f(lambda, "AWS/Lambda/Invocations;FunctionName=shop-ProjectB", true)
}

func TestParseSearch_refuses(t *testing.T) {
	f := func(search, want string) {
		t.Helper()
		if _, err := metricmath.ParseSearch(search); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", search, err, want)
		}
	}
	f(" ", "a metric schema, a search term, or both")
	f("{", "has a namespace")
	f("{A", "ends with }")
	f("{A,}", "has a namespace")
	f("a OR", "where a term is expected")
	f("(a", "not closed")
	f("a)", `Unexpected ")"`)
	f(`"a`, "has no end")
	f("a=", "where a term is expected")
	f("--", "a letter or a digit")
	f(strings.Repeat("a ", 600), "at most 1024 characters")
	f(strings.Repeat("(", 500), "nested too deeply")
	f(strings.Repeat("NOT ", 250), "nested too deeply")
	_, err := metricmath.ParseSearch(":aws.AccountId = 'LOCAL' Errors")
	if !errors.Is(err, metricmath.ErrUnsupported) {
		t.Error(err)
	}
}
