package localaws

func cloudwatchRules() []*Rule { return nil }
