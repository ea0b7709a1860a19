// Package sampling decides which traces are recorded: by the rules of AWS X-Ray, which are kept in the AWS account and
// asked for while the program runs, or by a list of the program's own.
//
// A [Sampler] is an OpenTelemetry sampler. It tries its rules in order; the first that matches a new trace decides, by a
// number of traces a second (the reservoir) and a rate for the rest. A trace that began elsewhere follows its parent.
// A decision takes no lock and allocates nothing.
//
// With a [Service], package awsapi's X-Ray as a rule, the sampler reports what it decided, gets its share of each rule's
// reservoir, and raises rates when X-Ray asks for it (adaptive sampling). While the service can't be reached, local
// rules decide.
//
// It does no I/O of its own and starts nothing before [Sampler.Start].
//
// A first use, without a service:
//
//	sampler, err := sampling.New(sampling.Config{Rules: []sampling.Rule{
//		{URLPath: "/health"},
//		{URLPath: "/api/*", FixedRate: 1},
//		{FixedRate: 0.1},
//	}})
package sampling
