package localaws

func consoleMetricsRoutes() []consoleRoute { return nil }
