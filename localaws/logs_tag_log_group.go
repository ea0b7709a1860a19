package localaws

// TagLogGroup, UntagLogGroup and ListTagsLogGroup as AWS does them: the older
// calls, which name the group; the newer ones take its ARN. They leave nothing
// out. Read from tagLogGroupPage.

type tagLogGroupInput struct {
	LogGroupName *string           `json:"logGroupName"`
	Tags         map[string]string `json:"tags"`
}

func tagLogGroup(c *call, in *tagLogGroupInput) (*emptyOutput, error) {
	return c.addTags(in.LogGroupName, in.Tags)
}

type untagLogGroupInput struct {
	LogGroupName *string  `json:"logGroupName"`
	Tags         []string `json:"tags"`
}

func untagLogGroup(c *call, in *untagLogGroupInput) (*emptyOutput, error) {
	if len(in.Tags) == 0 {
		return nil, c.refuse(&ruleLogMemberRequired, "tags", "tags", c.body)
	}
	return c.dropTags(in.LogGroupName, in.Tags)
}

type listTagsLogGroupInput struct {
	LogGroupName *string `json:"logGroupName"`
}

func listTagsLogGroup(c *call, in *listTagsLogGroupInput) (*listTagsOutput, error) {
	return c.listTags(in.LogGroupName)
}
