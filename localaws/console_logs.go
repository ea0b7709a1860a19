package localaws

func consoleLogsRoutes() []consoleRoute { return nil }
