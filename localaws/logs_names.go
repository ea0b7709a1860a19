package localaws

import (
	"strings"
	"unicode/utf8"
)

// The classes of log groups.
const (
	classStandard   = "STANDARD"
	classInfrequent = "INFREQUENT_ACCESS"
	classDelivery   = "DELIVERY"
	classEssentials = "ESSENTIALS"
)

// Error texts of AWS where something is missing or there already.
const (
	noSuchGroup  = "The specified log group does not exist."
	noSuchStream = "The specified log stream does not exist."
	groupExists  = "The specified log group already exists"
	streamExists = "The specified log stream already exists"
)

// logARN is the ARN of a log group, as arn in DescribeLogGroups has it but for
// the ":*" at the end.
func logARN(group string) string {
	return "arn:aws:logs:" + Region + ":" + AccountID + ":log-group:" + group
}

// checkGroupName refuses a name that no log group can have.
func (c *call) checkGroupName(name *string) error {
	switch {
	case name == nil:
		return c.refuse(&ruleLogGroupRequired, "logGroupName", nil, c.body)
	case *name == "" || utf8.RuneCountInString(*name) > maxLogName:
		return c.refuse(&ruleLogGroupLength, "logGroupName", *name, c.body)
	case !isGroupName(*name):
		return c.refuse(&ruleLogGroupCharacters, "logGroupName", *name, c.body)
	}
	return nil
}

func isGroupName(name string) bool {
	for i := range len(name) {
		ch := name[i]
		if (ch < '0' || ch > '9') && (ch < 'a' || ch > 'z') && (ch < 'A' || ch > 'Z') && strings.IndexByte(".-_/#", ch) < 0 {
			return false
		}
	}
	return true
}

// checkStreamName refuses a name that no log stream can have.
func (c *call) checkStreamName(name *string) error {
	switch {
	case name == nil:
		return c.refuse(&ruleLogStreamRequired, "logStreamName", nil, c.body)
	case *name == "" || utf8.RuneCountInString(*name) > maxLogName:
		return c.refuse(&ruleLogStreamLength, "logStreamName", *name, c.body)
	case strings.ContainsAny(*name, ":*"):
		return c.refuse(&ruleLogStreamCharacters, "logStreamName", *name, c.body)
	}
	return nil
}

// readGroup is the group that a reading call means, by name or identifier.
func (c *call) readGroup(name, identifier *string) (*logGroup, error) {
	if (name == nil) == (identifier == nil) {
		return nil, c.refuse(&ruleLogGroupIdentifier, "logGroupName", nil, c.body)
	}
	if identifier != nil {
		id := strings.TrimSuffix(strings.TrimPrefix(*identifier, logARN("")), ":*")
		name = &id
	}
	if err := c.checkGroupName(name); err != nil {
		return nil, err
	}
	g, _ := c.srv.logs.lookup(*name, "")
	if g == nil {
		return nil, c.fail("ResourceNotFoundException", noSuchGroup)
	}
	return g, nil
}

// checkReadable refuses groups whose events only Insights, or nobody, can read.
func (c *call) checkReadable(g *logGroup) error {
	if g.class != classStandard {
		return c.refuse(&ruleLogReadClass, "logGroupName", g.class, c.body)
	}
	return nil
}

// checkLimit refuses a page size beyond most, and gives most for none.
func (c *call) checkLimit(rule *Rule, limit *int, most int) (int, error) {
	switch {
	case limit == nil:
		return most, nil
	case *limit < 1 || *limit > most:
		return 0, c.refuse(rule, "limit", *limit, c.body)
	}
	return *limit, nil
}
