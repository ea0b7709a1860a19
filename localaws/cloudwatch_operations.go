package localaws

func cloudwatchOperations() []operation { return nil }
