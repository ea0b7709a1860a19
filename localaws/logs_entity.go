package localaws

// Entities of PutLogEvents and PutMetricData as AWS checks them: the number of
// attributes, their lengths, and the key attributes that each type wants. It
// leaves out: whether a resource type exists. Read from
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/adding-your-own-related-telemetry.html

// A logEntity says what a batch of events, or of metrics, is about.
type logEntity struct {
	KeyAttributes map[string]string `json:"keyAttributes"`
	Attributes    map[string]string `json:"attributes"`
}

// Limits of an entity: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Entity.html
const (
	minEntityKeys       = 2
	maxEntityKeys       = 4
	maxEntityKey        = 32
	maxEntityKeyValue   = 512
	maxEntityAttributes = 10
	maxEntityName       = 256
	maxEntityValue      = 512

	maxMetricEntityValue = 2048 // of either kind, in PutMetricData
)

// trouble is AWS's name of what is wrong with an entity; "" for nothing.
func (e *logEntity) trouble() string {
	if e == nil {
		return ""
	}
	return entityTrouble(e.KeyAttributes, e.Attributes, maxEntityKeyValue, maxEntityValue)
}

// entityTrouble checks an entity whose values have at most so many characters.
func entityTrouble(keys, attributes map[string]string, maxKeyValue, maxValue int) string {
	if len(keys) == 0 {
		return "InvalidEntity"
	}
	if len(keys) < minEntityKeys || len(keys) > maxEntityKeys {
		return "InvalidKeyAttributes"
	}
	for k, v := range keys {
		switch k {
		case "Type", "ResourceType", "Identifier", "Name", "Environment":
		default:
			return "InvalidKeyAttributes"
		}
		if len(k) > maxEntityKey || v == "" || len(v) > maxKeyValue {
			return "InvalidKeyAttributes"
		}
	}
	if len(attributes) > maxEntityAttributes {
		return "InvalidAttributes"
	}
	for k, v := range attributes {
		if k == "" || len(k) > maxEntityName || v == "" || len(v) > maxValue {
			return "InvalidAttributes"
		}
	}
	return entityTypeTrouble(keys)
}

// entityTypeTrouble asks for the key attributes that each type wants.
func entityTypeTrouble(keys map[string]string) string {
	var want []string
	switch keys["Type"] {
	case "":
		return "MissingRequiredFields"
	case "AWS::Resource", "Resource":
		want = []string{"ResourceType", "Identifier"}
	case "Service":
		want = []string{"Name", "Environment"}
	case "AWS::Service", "RemoteService":
		want = []string{"Name"}
	default:
		return "InvalidTypeValue"
	}
	for _, k := range want {
		if keys[k] == "" {
			return "MissingRequiredFields"
		}
	}
	return ""
}
