// Package loggroup has the keys of exporters that send to CloudWatch Logs: what groups get that they create, and names with
// placeholders.
package loggroup

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/updraft-otel/updraft/awsapi"
)

// Keys say what a log group gets that an exporter creates; one that exists stays as it is. Embed them with mapstructure's
// ",squash".
type Keys struct {
	// LogRetention is for how many days events are kept, one of [awsapi.RetentionDays]; 0 means for ever.
	LogRetention int `mapstructure:"log_retention"`
	// Tags are at most 50.
	Tags map[string]string `mapstructure:"tags"`
	// LogGroupClass is STANDARD, INFREQUENT_ACCESS or another that CloudWatch Logs has; "" means STANDARD.
	LogGroupClass string `mapstructure:"log_group_class"`
	// KMSKeyID is the ARN of the key that encrypts the events; "" means CloudWatch Logs' own.
	KMSKeyID string `mapstructure:"kms_key_id"`
}

// Limits of tags.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

var (
	tagKey   = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$`)
	tagValue = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
)

// Validate refuses what CloudWatch Logs would refuse.
func (k *Keys) Validate() error {
	if k.LogRetention != 0 && !slices.Contains(awsapi.RetentionDays(), k.LogRetention) {
		return fmt.Errorf("log_retention is %d; it must be 0 for ever, or one of %v", k.LogRetention, awsapi.RetentionDays())
	}
	if len(k.Tags) > maxTags {
		return fmt.Errorf("there are %d tags; a log group has %d at most", len(k.Tags), maxTags)
	}
	for key, value := range k.Tags {
		if len([]rune(key)) > maxTagKey || !tagKey.MatchString(key) {
			return fmt.Errorf("the tag %q must have 1 to %d letters, digits, spaces or _.:/=+-@", key, maxTagKey)
		}
		if len([]rune(value)) > maxTagValue || !tagValue.MatchString(value) {
			return fmt.Errorf("the value %q of the tag %q must have at most %d letters, digits, spaces or _.:/=+-@", value, key, maxTagValue)
		}
	}
	return nil
}

// Settings are the keys as the library has them.
func (k *Keys) Settings() awsapi.LogGroupSettings {
	return awsapi.LogGroupSettings{Class: k.LogGroupClass, KMSKeyID: k.KMSKeyID, Tags: k.Tags, RetentionDays: k.LogRetention}
}
