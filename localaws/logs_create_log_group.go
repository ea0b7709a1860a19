package localaws

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// CreateLogGroup as AWS does it: name, class, tags and the reserved prefix are
// checked, and a group that exists is ResourceAlreadyExistsException. It leaves
// out: whether the KMS key exists and the quota of 1,000,000 groups. Read from createLogGroupPage.

type createLogGroupInput struct {
	LogGroupName              *string           `json:"logGroupName"`
	KmsKeyID                  *string           `json:"kmsKeyId"`
	Tags                      map[string]string `json:"tags"`
	LogGroupClass             *string           `json:"logGroupClass"`
	DeletionProtectionEnabled *bool             `json:"deletionProtectionEnabled"`
}

type emptyOutput struct{}

func createLogGroup(c *call, in *createLogGroupInput) (*emptyOutput, error) {
	if err := c.checkGroupName(in.LogGroupName); err != nil {
		return nil, err
	}
	if name := *in.LogGroupName; len(name) >= 4 && name[:4] == "aws/" {
		return nil, c.refuse(&ruleLogGroupPrefix, "logGroupName", name, c.body)
	}
	g := &logGroup{name: *in.LogGroupName, class: classStandard, created: c.now.UnixMilli()}
	if in.LogGroupClass != nil {
		g.class = *in.LogGroupClass
	}
	switch g.class {
	case classStandard, classInfrequent, classDelivery, classEssentials:
	default:
		return nil, c.refuse(&ruleLogGroupClass, "logGroupClass", g.class, c.body)
	}
	if text := tagTrouble(in.Tags); text != "" {
		return nil, c.refuse(&ruleLogGroupTags, "tags", text, c.body)
	}
	if err := c.checkKey(in.KmsKeyID); err != nil {
		return nil, err
	}
	g.tags = in.Tags
	if in.KmsKeyID != nil {
		g.kms = *in.KmsKeyID
	}
	g.guarded = in.DeletionProtectionEnabled != nil && *in.DeletionProtectionEnabled

	c.srv.logs.control.Lock()
	defer c.srv.logs.control.Unlock()
	if existing, _ := c.srv.logs.lookup(g.name, ""); existing != nil {
		return nil, c.fail("ResourceAlreadyExistsException", groupExists)
	}
	if err := c.keepLogRecord(g.record()); err != nil {
		return nil, err
	}
	c.srv.logs.createGroup(g)
	return &emptyOutput{}, nil
}

// Limits of tags: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html
const (
	maxTagKey   = 128
	maxTagValue = 256
)

// tagTrouble says what is wrong with tags; "" for nothing.
func tagTrouble(tags map[string]string) string {
	if len(tags) > maxLogTags {
		return "Member must have length less than or equal to 50"
	}
	for k, v := range tags {
		if k == "" || utf8.RuneCountInString(k) > maxTagKey {
			return "Map keys must have length less than or equal to 128 and greater than or equal to 1"
		}
		if utf8.RuneCountInString(v) > maxTagValue {
			return "Map values must have length less than or equal to 256"
		}
	}
	return tagCharacters(tags)
}

// tagPattern is of keys and values, from createLogGroupPage.
const tagPattern = `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`

// tagCharacters says which tag has characters that no tag can have.
func tagCharacters(tags map[string]string) string {
	bad := func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.Z, unicode.N) && !strings.ContainsRune("_.:/=+-@", r)
	}
	for k, v := range tags {
		if strings.ContainsFunc(k, bad) || strings.ContainsFunc(v, bad) {
			return "Map keys and values must satisfy regular expression pattern: " + tagPattern
		}
	}
	return ""
}

// keepLogRecord writes a group or a stream to the journal.
func (c *call) keepLogRecord(r *logRecord) error {
	payload, err := r.encode()
	if err != nil {
		return err
	}
	return c.srv.journal.append(kindLogsControl, c.now, payload)
}
