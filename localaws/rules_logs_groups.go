package localaws

// Pages that the rules of log groups' settings come from.
const (
	deleteLogGroupPage  = logsAPI + "API_DeleteLogGroup.html"
	deleteLogStreamPage = logsAPI + "API_DeleteLogStream.html"
	putRetentionPage    = logsAPI + "API_PutRetentionPolicy.html"
	tagResourcePage     = logsAPI + "API_TagResource.html"
	tagLogGroupPage     = logsAPI + "API_TagLogGroup.html"
	associateKeyPage    = logsAPI + "API_AssociateKmsKey.html"
)

func logGroupRules() []*Rule {
	return []*Rule{
		&ruleLogMemberRequired, &ruleLogGuarded, &ruleLogRetention, &ruleLogRetentionClass,
		&ruleLogTooManyTags, &ruleLogTagKeys, &ruleLogTagARN, &ruleLogKeyLength, &ruleLogKeyTarget,
	}
}

var ruleLogMemberRequired = Rule{
	ID: "logs.member.required", Service: "logs", Operation: anyCall,
	Title:   "A call has all members that it must have.",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value null at '%v' failed to satisfy constraint: Member must not be null",
	Page:    tagResourcePage, Certainty: documented,
	Fix: "Set the member that the text names.",
}

var ruleLogGuarded = Rule{
	ID: "logs.group.protected", Service: "logs", Operation: anyCall,
	Title:   "A log group with deletion protection is not deleted, nor are its streams. The text is ours; AWS does not print its own.",
	Code:    "ValidationException",
	Message: "The log group %v has deletion protection enabled.",
	Page:    logsAPI + "API_PutLogGroupDeletionProtection.html", Certainty: unsettled,
	Fix: "Turn the protection off with PutLogGroupDeletionProtection first.",
}

var ruleLogRetention = Rule{
	ID: "logs.retention.days", Service: "logs", Operation: "PutRetentionPolicy",
	Title:   "A retention is one that exists.",
	Limit:   "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 days",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value '%v' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]",
	Page:    putRetentionPage, Certainty: documented,
	Fix: "Use the next longer retention of the list; to keep events for ever, use DeleteRetentionPolicy.",
}

var ruleLogRetentionClass = Rule{
	ID: "logs.retention.class", Service: "logs", Operation: "PutRetentionPolicy",
	Title:   "A log group of the DELIVERY class keeps events for a day, whatever is asked.",
	Limit:   "1 day",
	Code:    invalidParameter,
	Message: "The retention of the log group %v, of the class DELIVERY, cannot be changed.",
	Page:    logClassesPage, Certainty: unsettled,
	Fix: "Use another class for events that are to be kept.",
}

var ruleLogTooManyTags = Rule{
	ID: "logs.tags.count", Service: "logs", Operation: anyCall,
	Title: "A log group has at most 50 tags, old and new together.", Limit: "50 tags",
	Code:    "TooManyTagsException",
	Message: "A resource can have no more than 50 tags; it would have %v.",
	Page:    tagResourcePage, Certainty: documented,
	Fix: "Take tags away first.",
}

var ruleLogTagKeys = Rule{
	ID: "logs.tags.keys", Service: "logs", Operation: "UntagResource",
	Title: "At most 50 tags are taken away at once.", Limit: "50 keys",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must have length less than or equal to 50",
	Page:    logsAPI + "API_UntagResource.html", Certainty: documented,
	Fix: "Split the list.",
}

var ruleLogTagARN = Rule{
	ID: "logs.arn", Service: "logs", Operation: anyCall,
	Title:   "A resource is given by the ARN of a log group, without :* at its end. localaws has no other resources with tags.",
	Code:    invalidParameter,
	Message: "Invalid resource ARN %v",
	Page:    tagResourcePage, Certainty: unsettled,
	Fix: "Use logGroupArn of DescribeLogGroups, not arn.",
}

var ruleLogKeyLength = Rule{
	ID: "logs.kms.length", Service: "logs", Operation: anyCall,
	Title: "The name of a KMS key has at most 256 characters.", Limit: "256 characters",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value '%v' at 'kmsKeyId' failed to satisfy constraint: Member must have length less than or equal to 256",
	Page:    createLogGroupPage, Certainty: documented,
	Fix: "Give the ARN of the key.",
}

var ruleLogKeyTarget = Rule{
	ID: "logs.kms.target", Service: "logs", Operation: anyCall,
	Title:   "A KMS key is for a log group or for a resource, not both.",
	Code:    invalidParameter,
	Message: "Exactly one of logGroupName and resourceIdentifier must be specified.",
	Page:    associateKeyPage, Certainty: documented,
	Fix: "Set one of logGroupName and resourceIdentifier.",
}
