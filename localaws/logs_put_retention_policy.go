package localaws

import "slices"

// PutRetentionPolicy and DeleteRetentionPolicy as AWS does them: the days are
// one of a list; events older than that are refused by PutLogEvents and no
// longer read. They leave out policies of the account, and that AWS deletes
// only after up to 72 hours. Read from putRetentionPage.

type putRetentionPolicyInput struct {
	LogGroupName    *string `json:"logGroupName"`
	RetentionInDays *int    `json:"retentionInDays"`
}

// retentionDays are the retentions that there are, from putRetentionPage.
var retentionDays = [...]int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

func putRetentionPolicy(c *call, in *putRetentionPolicyInput) (*emptyOutput, error) {
	if in.RetentionInDays == nil {
		return nil, c.refuse(&ruleLogMemberRequired, "retentionInDays", "retentionInDays", c.body)
	}
	days := *in.RetentionInDays
	if !slices.Contains(retentionDays[:], days) {
		return nil, c.refuse(&ruleLogRetention, "retentionInDays", days, c.body)
	}
	return c.changeNamed(in.LogGroupName, func(g *logGroup) error {
		if g.class == classDelivery {
			return c.refuse(&ruleLogRetentionClass, "logGroupName", g.name, c.body)
		}
		g.retention = days
		return nil
	})
}

type deleteRetentionPolicyInput struct {
	LogGroupName *string `json:"logGroupName"`
}

func deleteRetentionPolicy(c *call, in *deleteRetentionPolicyInput) (*emptyOutput, error) {
	return c.changeNamed(in.LogGroupName, func(g *logGroup) error {
		g.retention = 0
		return nil
	})
}
