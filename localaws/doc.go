// Package localaws is X-Ray, CloudWatch Logs and CloudWatch on one port of this
// machine: an independent witness of what AWS would have accepted.
//
// It speaks the services' real wire protocols, verifies signatures, refuses what
// AWS refuses and says why ([Rules], [Server.Refused]), and shows what arrived in
// a console. It is no proxy to AWS, knows no IAM beyond one pair of credentials,
// and answers an operation or a query that it does not support with an error,
// never with a different answer.
//
// In a test:
//
//	srv, err := localaws.Start(t.Context(), localaws.Config{})
//	// point a client at srv.URL(), or a process at srv.Env()
package localaws
