package localaws

// AssociateKmsKey and DisassociateKmsKey as AWS does them for log groups: the
// key is kept and shown. They leave out whether the key exists, encryption, and
// keys for the results of queries. Read from associateKeyPage.

type associateKmsKeyInput struct {
	LogGroupName       *string `json:"logGroupName"`
	KmsKeyID           *string `json:"kmsKeyId"`
	ResourceIdentifier *string `json:"resourceIdentifier"`
}

func associateKmsKey(c *call, in *associateKmsKeyInput) (*emptyOutput, error) {
	if in.KmsKeyID == nil {
		return nil, c.refuse(&ruleLogMemberRequired, "kmsKeyId", "kmsKeyId", c.body)
	}
	if err := c.checkKey(in.KmsKeyID); err != nil {
		return nil, err
	}
	return c.setKey(in.LogGroupName, in.ResourceIdentifier, *in.KmsKeyID)
}

type disassociateKmsKeyInput struct {
	LogGroupName       *string `json:"logGroupName"`
	ResourceIdentifier *string `json:"resourceIdentifier"`
}

func disassociateKmsKey(c *call, in *disassociateKmsKeyInput) (*emptyOutput, error) {
	return c.setKey(in.LogGroupName, in.ResourceIdentifier, "")
}

func (c *call) setKey(group, resource *string, key string) (*emptyOutput, error) {
	if (group == nil) == (resource == nil) {
		return nil, c.refuse(&ruleLogKeyTarget, "logGroupName", nil, c.body)
	}
	if resource != nil {
		name, err := c.taggedGroup(resource)
		if err != nil {
			return nil, err
		}
		group = &name
	}
	return c.changeNamed(group, func(g *logGroup) error {
		g.kms = key
		return nil
	})
}

// maxKeyID is the longest name of a key, from createLogGroupPage.
const maxKeyID = 256

func (c *call) checkKey(key *string) error {
	if key != nil && len(*key) > maxKeyID {
		return c.refuse(&ruleLogKeyLength, "kmsKeyId", *key, c.body)
	}
	return nil
}
