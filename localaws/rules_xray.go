package localaws

func xrayRules() []*Rule { return nil }
