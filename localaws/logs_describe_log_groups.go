package localaws

import (
	"slices"
	"strings"
)

// DescribeLogGroups as AWS does it: groups by prefix, pattern, class or
// identifiers, sorted by name, 50 a page. It leaves out: linked accounts
// (includeLinkedAccounts is ignored), metric filters (their count is 0), data
// protection, and that AWS tells less of each group when searched by a pattern.
// Read from describeGroupsPage.

type describeLogGroupsInput struct {
	LogGroupNamePrefix  *string  `json:"logGroupNamePrefix"`
	LogGroupNamePattern *string  `json:"logGroupNamePattern"`
	LogGroupClass       *string  `json:"logGroupClass"`
	LogGroupIdentifiers []string `json:"logGroupIdentifiers"`
	NextToken           *string  `json:"nextToken"`
	Limit               *int     `json:"limit"`
}

type describeLogGroupsOutput struct {
	LogGroups []logGroupOutput `json:"logGroups"`
	NextToken string           `json:"nextToken,omitempty"`
}

type logGroupOutput struct {
	LogGroupName              string `json:"logGroupName"`
	CreationTime              int64  `json:"creationTime"`
	MetricFilterCount         int    `json:"metricFilterCount"`
	Arn                       string `json:"arn"`
	StoredBytes               int64  `json:"storedBytes"`
	RetentionInDays           int    `json:"retentionInDays,omitempty"`
	KmsKeyID                  string `json:"kmsKeyId,omitempty"`
	LogGroupClass             string `json:"logGroupClass"`
	LogGroupArn               string `json:"logGroupArn"`
	DeletionProtectionEnabled bool   `json:"deletionProtectionEnabled"`

	BearerTokenAuthenticationEnabled bool `json:"bearerTokenAuthenticationEnabled"`
}

func describeLogGroups(c *call, in *describeLogGroupsInput) (*describeLogGroupsOutput, error) {
	limit, err := c.checkLimit(&ruleDescribeLimit, in.Limit, maxDescribePage)
	if err != nil {
		return nil, err
	}
	if in.LogGroupNamePrefix != nil && in.LogGroupNamePattern != nil {
		return nil, c.refuse(&ruleDescribePattern, "logGroupNamePattern", *in.LogGroupNamePattern, c.body)
	}
	if in.LogGroupNamePrefix != nil {
		if err := c.checkGroupName(in.LogGroupNamePrefix); err != nil {
			return nil, err
		}
	}
	after, err := c.nameToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	groups := c.srv.logs.groupList(in.wants)
	out := &describeLogGroupsOutput{LogGroups: []logGroupOutput{}}
	for _, g := range groups {
		if g.name <= after {
			continue
		}
		if len(out.LogGroups) == limit {
			out.NextToken = encodeToken(out.LogGroups[limit-1].LogGroupName)
			break
		}
		arn := logARN(g.name)
		out.LogGroups = append(out.LogGroups, logGroupOutput{
			LogGroupName: g.name, CreationTime: g.created, Arn: arn + ":*", StoredBytes: g.bytes, KmsKeyID: g.kms,
			LogGroupClass: g.class, LogGroupArn: arn, DeletionProtectionEnabled: g.guarded,
			RetentionInDays: g.retention, BearerTokenAuthenticationEnabled: g.bearer,
		})
	}
	return out, nil
}

func (in *describeLogGroupsInput) wants(g *logGroup) bool {
	switch {
	case in.LogGroupNamePrefix != nil && !strings.HasPrefix(g.name, *in.LogGroupNamePrefix),
		in.LogGroupNamePattern != nil && !strings.Contains(g.name, *in.LogGroupNamePattern),
		in.LogGroupClass != nil && g.class != *in.LogGroupClass,
		in.LogGroupIdentifiers != nil && !slices.Contains(in.LogGroupIdentifiers, g.name) &&
			!slices.Contains(in.LogGroupIdentifiers, logARN(g.name)):
		return false
	}
	return true
}
