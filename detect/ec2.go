package detect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
)

// EC2 asks the instance's metadata service, at the address that AWS's settings say, past any proxy. An instance, or a
// container on one, that can't reach it gets an error, and so does a machine that is none of EC2's.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
type EC2 struct {
	// Tags name the instance's tags that become attributes, as ec2.tag.Name. The instance's InstanceMetadataTags must be
	// enabled. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html
	Tags []*regexp.Regexp
	// Options change the client of the metadata service, as its retries.
	Options []func(*imds.Options)
}

var _ resource.Detector = EC2{}

// Detect asks for the instance identity document, the host's name and the tags.
func (d EC2) Detect(ctx context.Context) (*resource.Resource, error) {
	client, err := d.client(ctx)
	if err != nil {
		return attributes{}.result("EC2", err)
	}
	document, err := client.GetInstanceIdentityDocument(ctx, nil)
	if err != nil {
		return attributes{}.result("EC2", fmt.Errorf("%w; in a container, the instance's metadata hop limit must be 2 or more", err))
	}
	a := attributes{semconv.CloudProviderAWS, semconv.CloudPlatformAWSEC2}
	a.put(semconv.CloudRegionKey, document.Region)
	a.put(semconv.CloudAccountIDKey, document.AccountID)
	a.put(semconv.CloudAvailabilityZoneKey, document.AvailabilityZone)
	a.put(semconv.HostIDKey, document.InstanceID)
	a.put(semconv.HostImageIDKey, document.ImageID)
	a.put(semconv.HostTypeKey, document.InstanceType)
	name, err := metadata(ctx, client, "hostname")
	a.put(semconv.HostNameKey, name)
	return a.result("EC2", errors.Join(err, d.tags(ctx, client, &a)))
}

func (d EC2) client(ctx context.Context) (*imds.Client, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion("us-east-1")) // of no use here, but not to be looked for
	if err != nil {
		return nil, fmt.Errorf("AWS configuration: %w", err)
	}
	own := func(o *imds.Options) { o.HTTPClient = linkLocal() }
	return imds.NewFromConfig(cfg, slices.Insert(slices.Clone(d.Options), 0, own)...), nil
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

// tags adds the tags that are asked for.
func (d EC2) tags(ctx context.Context, client *imds.Client, a *attributes) error {
	if len(d.Tags) == 0 {
		return nil
	}
	list, err := metadata(ctx, client, "tags/instance")
	if err != nil {
		return fmt.Errorf("instance tags: %w; enable InstanceMetadataTags of the instance", err)
	}
	for name := range strings.FieldsSeq(list) {
		if !slices.ContainsFunc(d.Tags, func(re *regexp.Regexp) bool { return re.MatchString(name) }) {
			continue
		}
		value, err := metadata(ctx, client, "tags/instance/"+name)
		if err != nil {
			return fmt.Errorf("instance tag %q: %w", name, err)
		}
		a.put(attribute.Key("ec2.tag."+name), value)
	}
	return nil
}
