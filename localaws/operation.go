package localaws

import (
	"net/http"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// service is one of the emulated AWS services.
type service string

// The emulated services, by the names under which their requests are signed.
const (
	serviceXRay       service = "xray"
	serviceLogs       service = "logs"
	serviceCloudWatch service = "monitoring"
)

// ruleName is the service's name in the rule table and the console.
func (s service) ruleName() string {
	if s == serviceCloudWatch {
		return "cloudwatch"
	}
	return string(s)
}

// An operation is one AWS call: how it is found on the wire, and what it does.
// The lists are written out in xrayOperations, logsOperations and
// cloudwatchOperations, one file a call.
type operation struct {
	service service
	name    string // as AWS writes it, e.g. "PutTraceSegments"
	path    string // where it is found by its path: what it is POSTed to
	reads   bool   // by path only: GET does as well as POST
	run     func(c *call, in *wire.Input) (any, error)
}

// A call is one request on its way through the server.
type call struct {
	srv       *Server
	requestID string
	now       time.Time // when the request arrived, by the server's clock
	op        *operation
	protocol  wire.Protocol
	body      []byte // as decompressed
	header    http.Header
	reply     map[string]string // headers of the answer besides the protocol's
	request   *http.Request     // as it came; nil where the call is the server's own
}

// newOperation binds a handler to its wire form. In and Out are plain structs
// whose json tags are AWS's member names; wire decodes and encodes them in
// every protocol that the service speaks.
func newOperation[In, Out any](s service, name, path string, handle func(c *call, in *In) (*Out, error)) operation {
	return operation{
		service: s,
		name:    name,
		path:    path,
		run: func(c *call, raw *wire.Input) (any, error) {
			in := new(In)
			if err := raw.Decode(in); err != nil {
				return nil, c.malformed(err)
			}
			out, err := handle(c, in)
			if err != nil || out == nil {
				return nil, err
			}
			return out, nil
		},
	}
}

// A table finds the operation of a request.
type table struct {
	byName map[service]map[string]*operation
	byPath map[string]*operation
}

func newTable(lists ...[]operation) table {
	t := table{byName: make(map[service]map[string]*operation), byPath: make(map[string]*operation)}
	for _, list := range lists {
		for i := range list {
			op := &list[i]
			if t.byName[op.service] == nil {
				t.byName[op.service] = make(map[string]*operation)
			}
			t.byName[op.service][op.name] = op
			if op.path != "" {
				t.byPath[op.path] = op
			}
		}
	}
	return t
}
