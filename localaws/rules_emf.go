package localaws

// emfPage tells of the embedded metric format.
const emfPage = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html"

func emfRules() []*Rule {
	return []*Rule{
		&ruleEMFJSON, &ruleEMFMetadata, &ruleEMFTimestamp, &ruleEMFNamespace,
		&ruleEMFDimensionSets, &ruleEMFMetrics, &ruleEMFDimensions, &ruleEMFKey,
		&ruleEMFTarget, &ruleEMFDimensionValue, &ruleEMFName, &ruleEMFUnit,
		&ruleEMFResolution, &ruleEMFValue, &ruleEMFValues, &ruleEMFClass,
	}
}

var ruleEMFJSON = Rule{
	ID: "logs.emf.json", Service: "logs", Operation: "PutLogEvents",
	Title: "The message of an event in the embedded metric format is one JSON object and nothing else; that is counted as EMFParsingErrors.",
	Code:  "EMFParsingErrors", Message: "%v",
	Page: emfPage, Certainty: documented,
	Fix: "Write one object a line, whole; do not let a logger put a prefix before it or cut it.",
}

var ruleEMFMetadata = Rule{
	ID: "logs.emf.metadata", Service: "logs", Operation: "PutLogEvents",
	Title: "_aws, CloudWatchMetrics and its directives have members of the right type.",
	Code:  "EMFValidationErrors", Message: "%v",
	Page: emfPage, Certainty: documented,
	Fix: "Follow the schema of the page.",
}

var ruleEMFTimestamp = Rule{
	ID: "logs.emf.timestamp", Service: "logs", Operation: "PutLogEvents",
	Title: "_aws.Timestamp is a whole number of milliseconds, at most 14 days past and 2 hours ahead.", Limit: "14 days, 2 hours",
	Code: "EMFValidationErrors", Message: "Timestamp %v is no time that a metric can have",
	Page: emfPage, Certainty: documented,
	Fix: "Set it in milliseconds since 1970, not in seconds.",
}

var ruleEMFNamespace = Rule{
	ID: "logs.emf.namespace", Service: "logs", Operation: "PutLogEvents",
	Title: "A directive has a namespace of 1 to 1,024 characters.", Limit: "1,024 characters",
	Code: "EMFValidationErrors", Message: "Namespace '%v' has not 1 to 1024 characters",
	Page: emfPage, Certainty: documented,
	Fix: "Set Namespace.",
}

var ruleEMFDimensionSets = Rule{
	ID: "logs.emf.dimension-sets", Service: "logs", Operation: "PutLogEvents",
	Title: "A directive has at least one dimension set; it may be empty: [[]].", Limit: "1 set",
	Code: "EMFValidationErrors", Message: "Dimensions has %v sets",
	Page: emfPage, Certainty: documented,
	Fix: "Write [[]] for metrics without dimensions.",
}

var ruleEMFMetrics = Rule{
	ID: "logs.emf.metrics", Service: "logs", Operation: "PutLogEvents",
	Title: "A directive has at most 100 metrics.", Limit: "100 metrics",
	Code: "EMFValidationErrors", Message: "Metrics has %v members, more than 100",
	Page: emfPage, Certainty: documented,
	Fix: "Split the event, or the directive.",
}

var ruleEMFDimensions = Rule{
	ID: "logs.emf.dimensions", Service: "logs", Operation: "PutLogEvents",
	Title: "A dimension set has at most 30 keys.", Limit: "30 keys",
	Code: "EMFValidationErrors", Message: "A dimension set has %v keys, more than 30",
	Page: emfPage, Certainty: documented,
	Fix: "Make the other keys plain members, which Insights can search.",
}

var ruleEMFKey = Rule{
	ID: "logs.emf.key", Service: "logs", Operation: "PutLogEvents",
	Title: "The key of a dimension has 1 to 250 characters.", Limit: "250 characters",
	Code: "EMFValidationErrors", Message: "The dimension key '%v' has not 1 to 250 characters",
	Page: emfPage, Certainty: documented,
	Fix: "Shorten the key.",
}

var ruleEMFTarget = Rule{
	ID: "logs.emf.target", Service: "logs", Operation: "PutLogEvents",
	Title: "What Dimensions and Metrics name is a member of the root.",
	Code:  "EMFValidationErrors", Message: "There is no member '%v' at the root",
	Page: emfPage, Certainty: documented,
	Fix: "Put the value at the root of the object, under the same name.",
}

var ruleEMFDimensionValue = Rule{
	ID: "logs.emf.dimension-value", Service: "logs", Operation: "PutLogEvents",
	Title: "The value of a dimension is a string of 1 to 1,024 characters.", Limit: "1,024 characters",
	Code: "EMFValidationErrors", Message: "The member '%v' is no string of 1 to 1024 characters",
	Page: emfPage, Certainty: documented,
	Fix: "Write numbers and booleans as strings.",
}

var ruleEMFName = Rule{
	ID: "logs.emf.name", Service: "logs", Operation: "PutLogEvents",
	Title: "A metric has a name of 1 to 1,024 characters.", Limit: "1,024 characters",
	Code: "EMFValidationErrors", Message: "Name '%v' has not 1 to 1024 characters",
	Page: emfPage, Certainty: documented,
	Fix: "Set Name.",
}

var ruleEMFUnit = Rule{
	ID: "logs.emf.unit", Service: "logs", Operation: "PutLogEvents",
	Title: "The unit of a metric is one of CloudWatch's.",
	Code:  "EMFValidationErrors", Message: "Unit '%v' does not exist",
	Page: emfPage, Certainty: documented,
	Fix: "Use a unit of MetricDatum, e.g. Milliseconds, or none.",
}

var ruleEMFResolution = Rule{
	ID: "logs.emf.resolution", Service: "logs", Operation: "PutLogEvents",
	Title: "The resolution of a metric is 1 or 60 seconds.", Limit: "1, 60",
	Code: "EMFValidationErrors", Message: "StorageResolution %v is neither 1 nor 60",
	Page: emfPage, Certainty: documented,
	Fix: "Leave StorageResolution out, or set it to 1 or 60.",
}

var ruleEMFValue = Rule{
	ID: "logs.emf.value", Service: "logs", Operation: "PutLogEvents",
	Title: "The value of a metric is a number or a list of numbers, within 2^360; what the CloudWatch agent writes for histograms, Values with Counts or a statistic set, is taken as well.",
	Code:  "EMFValidationErrors", Message: "The value %v",
	Page: emfPage, Certainty: unsettled,
	Fix: "Write numbers, not strings; leave metrics without a value out.",
}

var ruleEMFValues = Rule{
	ID: "logs.emf.values", Service: "logs", Operation: "PutLogEvents",
	Title: "A metric has at most 100 values in one event.", Limit: "100 values",
	Code: "EMFValidationErrors", Message: "A list of %v values has more than 100",
	Page: emfPage, Certainty: documented,
	Fix: "Split the values over several events.",
}

var ruleEMFClass = Rule{
	ID: "logs.emf.class", Service: "logs", Operation: "PutLogEvents",
	Title: "Only log groups of the Standard class make metrics of the embedded metric format; in others the event is only kept.", Limit: "STANDARD",
	Code: "none", Message: "No metrics are made of events in a log group of the class %v.",
	Page: logClassesPage, Certainty: documented,
	Fix: "Send the events to a group of the Standard class.",
}
