package detect_test

import (
	"regexp"
	"testing"

	"github.com/updraft-otel/updraft/detect"
)

// instance is the metadata service of an EC2 instance, with the document of AWS's documentation.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-identity-documents.html
var instance = map[string]string{
	"/latest/dynamic/instance-identity/document": `{"devpayProductCodes":null,"marketplaceProductCodes":["1abc2defghijklm3nopqrs4tu"],
		"availabilityZone":"us-west-2b","privateIp":"10.158.112.84","version":"2017-09-30","instanceId":"i-1234567890abcdef0","billingProducts":null,
		"instanceType":"t2.micro","accountId":"123456789012","imageId":"ami-5fb8c835","pendingTime":"2016-11-19T16:32:11Z","architecture":"x86_64",
		"kernelId":null,"ramdiskId":null,"region":"us-west-2"}`,
	"/latest/meta-data/hostname":                       "ip-10-158-112-84.us-west-2.compute.internal",
	"/latest/meta-data/tags/instance":                  "Name\nteam\neks:cluster-name",
	"/latest/meta-data/tags/instance/Name":             "web",
	"/latest/meta-data/tags/instance/team":             "blue",
	"/latest/meta-data/tags/instance/eks:cluster-name": "prod",
}

var ofInstance = map[string]any{
	"cloud.provider": "aws", "cloud.platform": "aws_ec2", "cloud.region": "us-west-2", "cloud.account.id": "123456789012",
	"cloud.availability_zone": "us-west-2b", "host.id": "i-1234567890abcdef0", "host.image.id": "ami-5fb8c835", "host.type": "t2.micro",
	"host.name": "ip-10-158-112-84.us-west-2.compute.internal",
}

func onEC2(t *testing.T, by map[string]string) {
	t.Helper()
	t.Setenv("AWS_EC2_METADATA_DISABLED", "")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", texts(t, by).URL)
}

func TestEC2(t *testing.T) {
	nowhere(t)
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1") // is gone past
	want(t, "switched off", detect.EC2{}, nil, "access disabled to EC2 IMDS")
	onEC2(t, instance)
	want(t, "as it is", detect.EC2{}, ofInstance, "")
	want(t, "tags", detect.EC2{Tags: []*regexp.Regexp{regexp.MustCompile("^t"), regexp.MustCompile("me$")}},
		with(ofInstance, map[string]any{"ec2.tag.team": "blue", "ec2.tag.Name": "web", "ec2.tag.eks:cluster-name": "prod"}), "")
}

func TestEC2_partly(t *testing.T) {
	nowhere(t)
	document := "/latest/dynamic/instance-identity/document"
	onEC2(t, map[string]string{document: instance[document]})
	want(t, "no more than the document", detect.EC2{Tags: []*regexp.Regexp{regexp.MustCompile("x")}},
		without(ofInstance, "host.name"), "enable InstanceMetadataTags")
	onEC2(t, nil)
	want(t, "not even that", detect.EC2{}, nil, "hop limit")
}
