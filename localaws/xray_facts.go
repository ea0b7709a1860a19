package localaws

import (
	"cmp"
	"slices"
	"unique"
)

// A serviceID is a node of the service graph: two services of one name but of
// different types are two nodes.
type serviceID struct {
	name, typ, account string
}

// An entity is one answer of a service in a trace, or one call to it where the
// service sent no segment of its own (inferred).
type entity struct {
	service    serviceID
	key        unique.Handle[serviceID] // of the service, quick to compare
	root       bool                     // of the trace
	inferred   bool
	inProgress bool
	start, end float64 // seconds
	errors     errorFlags
	http       httpFacts
	users      []string
	notes      []annotation
	exceptions []exceptionFact
	arn        string
	instance   string
	zone       string
}

type errorFlags struct{ error, throttle, fault bool }

// status is the worst of the flags, in the console's word.
func (e errorFlags) status() string {
	switch {
	case e.fault:
		return "fault"
	case e.throttle:
		return "throttle"
	case e.error:
		return "error"
	}
	return "ok"
}

type httpFacts struct {
	url, method, userAgent, clientIP string
	status                           int
}

type annotation struct {
	key   string
	value any // string, float64 or bool
}

type exceptionFact struct{ typ, message string }

// An edge is one call from one service to another, as the caller saw it.
type edge struct {
	from   int // index of the entity; client for what comes from outside
	to     int
	caller entity // the caller's side: times, errors, http
}

// client stands for what called the root of a trace.
const client = -1

// traceFacts is what follows from the documents of a trace: its entities and
// edges, from which summaries, filters and the service graph are drawn.
type traceFacts struct {
	revision   int
	start, end float64
	partial    bool // a segment or subsegment is in progress
	root       int  // index of the root entity; -1 without a segment
	entities   []entity
	edges      []edge
	flags      errorFlags // of the root, throttle of any segment
}

// newTraceFacts works out the facts. It reads every document once.
func newTraceFacts(v traceView) *traceFacts {
	t := newTree(v.docs)
	f := &traceFacts{revision: v.revision, root: -1}
	index := make(map[*span]int) // of the entities of segments
	answered := make(map[*span]bool)
	for _, sp := range t.all {
		f.partial = f.partial || sp.seg.InProgress
		if sp.sub {
			continue
		}
		index[sp] = len(f.entities)
		f.entities = append(f.entities, segmentEntity(sp))
		for p := sp.parent; p != nil && p.sub && !answered[p]; p = p.parent {
			answered[p] = true
		}
	}
	for _, sp := range t.all {
		switch {
		case !sp.sub:
			f.connect(sp, index)
		case sp.remote() && !answered[sp] && !sp.owner.sub:
			f.infer(sp, index[sp.owner])
		}
	}
	for i := range f.entities {
		f.entities[i].key = unique.Make(f.entities[i].service)
	}
	f.summarise(t, index)
	return f
}

// connect draws the edge to a segment.
func (f *traceFacts) connect(sp *span, index map[*span]int) {
	to := index[sp]
	caller := sp.caller()
	switch {
	case sp.seg.ParentID == "":
		f.entities[to].root = true
		f.edges = append(f.edges, edge{client, to, f.entities[to]})
		return
	case caller == nil || caller.owner.sub: // its caller is still to come, or never will: it stands alone
		return
	}
	seen := f.entities[to] // by the callee, where the caller has no subsegment for it
	if caller.sub {
		seen = subsegmentEntity(caller)
	}
	f.edges = append(f.edges, edge{index[caller.owner], to, seen})
}

// infer makes an entity of a call that nobody answered with a segment.
func (f *traceFacts) infer(sp *span, from int) {
	e := subsegmentEntity(sp)
	e.inferred = true
	e.service = inferredService(sp.seg, f.entities[from].service.account)
	f.edges = append(f.edges, edge{from, len(f.entities), e})
	f.entities = append(f.entities, e)
}

// summarise finds the root and the times of the trace.
func (f *traceFacts) summarise(t *tree, index map[*span]int) {
	for i, sp := range t.all {
		if i == 0 {
			f.start, f.end = sp.seg.start(), sp.seg.end()
		}
		f.start, f.end = min(f.start, sp.seg.start()), max(f.end, sp.seg.end())
	}
	for _, sp := range t.roots { // by start; one without a parent_id comes first
		if sp.sub || f.root >= 0 && sp.seg.ParentID != "" {
			continue
		}
		f.root = index[sp]
		if sp.seg.ParentID == "" {
			break
		}
	}
	if f.root >= 0 {
		f.flags = f.entities[f.root].errors
	}
	for i := range f.entities {
		f.flags.throttle = f.flags.throttle || !f.entities[i].inferred && f.entities[i].errors.throttle
	}
}

// segmentEntity is what a service says of itself. Annotations and exceptions of
// its subsegments are the service's too.
func segmentEntity(sp *span) entity {
	seg := sp.seg
	e := entityOf(seg)
	e.service = serviceID{seg.Name, string(seg.Origin), accountOf(seg)}
	e.arn = string(seg.ResourceARN)
	if seg.AWS != nil {
		e.instance = string(seg.AWS.EC2.InstanceID)
		e.zone = string(seg.AWS.EC2.AvailabilityZone)
	}
	for _, child := range sp.children {
		e.collect(child)
	}
	return e
}

// collect adds what a subsegment and those below it say.
func (e *entity) collect(sp *span) {
	if !sp.sub {
		return
	}
	e.describe(sp.seg)
	for _, child := range sp.children {
		e.collect(child)
	}
}

// describe adds annotations, users and exceptions.
func (e *entity) describe(seg *segment) {
	if seg.User != "" {
		e.users = append(e.users, seg.User)
	}
	first := len(e.notes)
	for k, v := range seg.Annotations {
		e.notes = append(e.notes, annotation{k, v})
	}
	slices.SortFunc(e.notes[first:], func(a, b annotation) int { return cmp.Compare(a.key, b.key) })
	for _, x := range seg.exceptions().Exceptions {
		e.exceptions = append(e.exceptions, exceptionFact{x.Type, x.Message})
	}
}

// subsegmentEntity is what a caller says of its call.
func subsegmentEntity(sp *span) entity { return entityOf(sp.seg) }

func entityOf(seg *segment) entity {
	e := entity{
		inProgress: seg.InProgress,
		start:      seg.start(),
		end:        seg.end(),
		errors:     errorFlags{seg.Error, seg.Throttle, seg.Fault},
	}
	if h := seg.HTTP; h != nil {
		e.http = httpFacts{h.Request.URL, h.Request.Method, h.Request.UserAgent, h.Request.ClientIP, seg.status()}
	}
	e.describe(seg)
	return e
}

func accountOf(seg *segment) string {
	if seg.AWS != nil && seg.AWS.AccountID != "" {
		return string(seg.AWS.AccountID)
	}
	return AccountID
}

// inferredService names a service that sent nothing, after the call to it: an
// AWS resource where the call names one, else the AWS service; a database by its
// kind; anything else is "remote".
func inferredService(seg *segment, account string) serviceID {
	id := serviceID{seg.Name, "remote", account}
	if seg.AWS != nil && seg.AWS.AccountID != "" {
		id.account = string(seg.AWS.AccountID)
	}
	switch {
	case seg.SQL != nil && seg.SQL.DatabaseType != "":
		id.typ = "Database::" + seg.SQL.DatabaseType
	case seg.SQL != nil:
		id.typ = "Database::SQL"
	case seg.Namespace == "aws":
		id.name, id.typ = awsResource(seg)
	}
	return id
}

// awsResource is the name and type of what an AWS call is about. Topics are
// not told apart: X-Ray draws SNS as one node.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-gettingdata.html
func awsResource(seg *segment) (name, typ string) {
	typ = "AWS::" + seg.Name
	if seg.AWS == nil {
		return seg.Name, typ
	}
	for _, r := range [...]struct {
		name looseText
		typ  string
	}{
		{seg.AWS.TableName, "AWS::DynamoDB::Table"},
		{seg.AWS.QueueURL, "AWS::SQS::Queue"},
		{seg.AWS.FunctionName, "AWS::Lambda::Function"},
		{seg.AWS.BucketName, "AWS::S3::Bucket"},
	} {
		if r.name != "" {
			return string(r.name), r.typ
		}
	}
	return seg.Name, typ
}
