package localaws

func consoleXRayRoutes() []consoleRoute { return nil }
