package localaws

func logsOperations() []operation { return nil }
