// Package watch shows in a terminal how a running collector does: what comes in and goes out, what waits and what is lost.
// It reads the metrics that every collector serves, by default at http://127.0.0.1:8888/metrics, and those that the
// exporters and receivers of this distribution add. It changes nothing in the collector and needs nothing else from it.
package watch
