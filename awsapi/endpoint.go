package awsapi

import (
	"fmt"
	"strings"
)

// A partition is a set of regions with host names of their own. The table is what AWS's SDKs carry
// (aws-sdk-go-v2 internal/endpoints/awsrulesfn/partitions.json); a test compares the two. Every partition supports
// FIPS and dual-stack names.
type partition struct {
	prefixes        []string // what its regions begin with
	suffix          string
	dualStackSuffix string
}

// partitions returns the table; the first is where unknown regions are taken to be.
func partitions() []partition {
	return []partition{
		{[]string{"us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-"}, "amazonaws.com", "api.aws"},
		{[]string{"cn-"}, "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
		{[]string{"us-gov-"}, "amazonaws.com", "api.aws"},
		{[]string{"us-iso-"}, "c2s.ic.gov", "api.aws.ic.gov"},
		{[]string{"us-isob-"}, "sc2s.sgov.gov", "api.aws.scloud"},
		{[]string{"eu-isoe-"}, "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
		{[]string{"us-isof-"}, "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
		{[]string{"eusc-"}, "amazonaws.eu", "api.amazonwebservices.eu"},
	}
}

// partitionOf returns the partition of a region: the one with the longest matching prefix.
func partitionOf(region string) partition {
	all := partitions()
	best, length := all[0], 0
	for _, p := range all {
		for _, prefix := range p.prefixes {
			if len(prefix) > length && strings.HasPrefix(region, prefix) {
				best, length = p, len(prefix)
			}
		}
	}
	return best
}

// endpointOf returns the address AWS gives a service in a region.
// https://docs.aws.amazon.com/general/latest/gr/rande.html
func endpointOf(s Service, region string, fips, dualStack bool) (string, error) {
	if !validRegion(region) {
		return "", fmt.Errorf("region %q is not a region's name; set AWS_REGION, as in AWS_REGION=eu-west-1", region)
	}
	p := partitionOf(region)
	host, suffix := s.String(), p.suffix
	if dualStack {
		suffix = p.dualStackSuffix
	}
	// CloudWatch Logs' ordinary host names in GovCloud are its FIPS ones.
	plainFIPS := s == Logs && !dualStack && (region == "us-gov-east-1" || region == "us-gov-west-1")
	if fips && !plainFIPS {
		host += "-fips"
	}
	return "https://" + host + "." + region + "." + suffix, nil
}

// validRegion reports whether region can be a part of a host name: it comes from the environment.
func validRegion(region string) bool {
	for _, c := range []byte(region) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return region != "" && len(region) <= 63 && region[0] != '-' && region[len(region)-1] != '-'
}
