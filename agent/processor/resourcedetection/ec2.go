package resourcedetection

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

var ec2Attributes = on("cloud.account.id", "cloud.availability_zone", "cloud.platform", "cloud.provider", "cloud.region",
	"host.id", "host.image.id", "host.name", "host.type")

// maxMetadata bounds an answer of a metadata service.
const maxMetadata = 1 << 20

// fromEC2 asks the instance's metadata service.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-identity-documents.html
func fromEC2(ctx context.Context, c *Config, m pcommon.Map) error {
	client, err := metadataClient(ctx, c)
	if err != nil {
		return err
	}
	document, err := client.GetInstanceIdentityDocument(ctx, nil)
	if err != nil {
		return errors.Join(errElsewhere, err)
	}
	put(m, "cloud.provider", "aws")
	put(m, "cloud.platform", "aws_ec2")
	put(m, "cloud.region", document.Region)
	put(m, "cloud.account.id", document.AccountID)
	put(m, "cloud.availability_zone", document.AvailabilityZone)
	put(m, "host.id", document.InstanceID)
	put(m, "host.image.id", document.ImageID)
	put(m, "host.type", document.InstanceType)
	name, err := metadata(ctx, client, "hostname")
	put(m, "host.name", name)
	return errors.Join(err, tags(ctx, c, client, m))
}

// metadataClient is a client of the metadata service at the address that the AWS SDK's settings say, past any proxy.
func metadataClient(ctx context.Context, c *Config) (*imds.Client, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion("us-east-1")) // of no use here, but not to be looked for
	if err != nil {
		return nil, fmt.Errorf("AWS configuration: %w", err)
	}
	return imds.NewFromConfig(cfg, func(o *imds.Options) {
		o.HTTPClient = &http.Client{Transport: &http.Transport{}}
		o.Retryer = retry.NewStandard(func(r *retry.StandardOptions) { r.MaxAttempts, r.MaxBackoff = c.EC2.MaxAttempts, c.EC2.MaxBackoff })
	}), nil
}

func metadata(ctx context.Context, client *imds.Client, path string) (string, error) {
	out, err := client.GetMetadata(ctx, &imds.GetMetadataInput{Path: path})
	if err != nil {
		return "", err
	}
	defer out.Content.Close()
	text, err := io.ReadAll(io.LimitReader(out.Content, maxMetadata))
	return string(text), err
}

// tags sets the instance's tags that are asked for.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html
func tags(ctx context.Context, c *Config, client *imds.Client, m pcommon.Map) error {
	if len(c.EC2.Tags) == 0 {
		return nil
	}
	var wanted []*regexp.Regexp
	for _, pattern := range c.EC2.Tags {
		re, err := regexp.Compile(pattern)
		if err != nil {
			return fmt.Errorf("ec2: tags: %w", err)
		}
		wanted = append(wanted, re)
	}
	list, err := metadata(ctx, client, "tags/instance")
	if err != nil {
		return fmt.Errorf("instance tags: %w; enable InstanceMetadataTags of the instance", err)
	}
	for name := range strings.FieldsSeq(list) {
		for _, re := range wanted {
			if !re.MatchString(name) {
				continue
			}
			value, err := metadata(ctx, client, "tags/instance/"+name)
			if err != nil {
				return err
			}
			put(m, "ec2.tag."+name, value)
			break
		}
	}
	return nil
}
