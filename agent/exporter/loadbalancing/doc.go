// Package loadbalancing is the agent's load balancing exporter: it sends what belongs together, the spans of a trace for
// instance, to the same one of several collectors. It takes the configuration of the collector's load_balancing exporter
// (and its former name, loadbalancing):
//
//	exporters:
//	  load_balancing:
//	    routing_key: traceID
//	    protocol:
//	      otlp:                     # the keys of the otlp exporter, without an endpoint
//	        tls: {insecure: true}
//	    resolver:
//	      dns: {hostname: gateway-headless.telemetry.svc.cluster.local}
//	    sending_queue:
//	      storage: file_storage     # what was accepted survives a kill
//
// There is one queue, in front: nothing waits for a certain collector, so nothing is stuck when one goes away. What leaves
// the queue is divided among the collectors by consistent hashing, at the same places as the collector's own exporter. A
// collector that can't be reached or does not answer in time has its share sent to its neighbours until it answers again;
// one that answers that it is busy keeps its share, which waits in the queue. What nobody takes goes back to the queue.
//
// Collectors are found by a list (static) or by a name (dns). The resolvers that ask Kubernetes' and AWS Cloud Map's APIs are
// left out: they would be a third of the agent. A headless Service and a Cloud Map service discovery name are both
// answered by DNS; docs/scaling.md says how to add the collector's own exporter where that is not enough.
package loadbalancing
