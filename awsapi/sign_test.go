package awsapi

import "testing"

func TestRegionOfHost(t *testing.T) {
	f := func(host, want string) {
		t.Helper()
		if region, ok := RegionOfHost(XRay, host); region != want || ok != (want != "") {
			t.Errorf("%s: %q %v, want %q", host, region, ok, want)
		}
	}
	f("xray.eu-west-1.amazonaws.com", "eu-west-1")
	f("XRAY.eu-west-1.amazonaws.com", "eu-west-1")
	f("xray-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1")
	f("xray.cn-north-1.amazonaws.com.cn", "cn-north-1")
	f("xray.us-east-1.api.aws", "us-east-1")
	f("xray-fips.us-iso-east-1.c2s.ic.gov", "us-iso-east-1")
	f("xray.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1")
	f("xray.cn-north-1.amazonaws.com", "")
	f("xray.us-east-1.amazonaws.com.example.com", "")
	f("xray.us-east-1.amazonaws.com.", "")
	f("logs.us-east-1.amazonaws.com", "")
	f("vpce-1.xray.us-east-1.vpce.amazonaws.com", "")
	f("xray.", "")
	f("", "")
	if region, ok := RegionOfHost(Logs, "logs.eu-west-1.amazonaws.com"); region != "eu-west-1" || !ok {
		t.Errorf("logs: %q %v", region, ok)
	}
}
