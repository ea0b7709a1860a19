package localaws

import (
	"fmt"
	"slices"
	"strings"
)

// boolKeyword is a condition that stands alone; nil for none of that name. At
// the level of the trace the flags are the root's: a failure further down that
// was handled needs service() { fault }.
func boolKeyword(name string) filter {
	switch name {
	case "ok":
		return func(s *subject) bool { return s.flags() == errorFlags{} }
	case "error":
		return func(s *subject) bool { return s.flags().error }
	case "throttle":
		return func(s *subject) bool { return s.flags().throttle }
	case "fault":
		return func(s *subject) bool { return s.flags().fault }
	case "partial":
		return func(s *subject) bool {
			if s.entity != nil {
				return s.entity.inProgress
			}
			return s.trace.partial
		}
	case "inferred":
		return func(s *subject) bool { return s.any(func(e *entity) bool { return e.inferred }) }
	case "root":
		return func(s *subject) bool { return s.any(func(e *entity) bool { return e.root }) }
	}
	return nil
}

func (s *subject) flags() errorFlags {
	if s.entity != nil {
		return s.entity.errors
	}
	return s.trace.flags
}

// any asks the one entity of a service or edge, or all of the trace.
func (s *subject) any(f func(e *entity) bool) bool {
	if s.entity != nil {
		return f(s.entity)
	}
	for i := range s.trace.entities {
		if f(&s.trace.entities[i]) {
			return true
		}
	}
	return false
}

// main is the entity whose times and HTTP data stand for the subject.
func (s *subject) main() *entity {
	if s.entity != nil {
		return s.entity
	}
	if s.trace.root < 0 {
		return nil
	}
	return &s.trace.entities[s.trace.root]
}

// numberKeyword reads a number; nil for none of that name.
func numberKeyword(name string) func(s *subject) (float64, bool) {
	switch name {
	case "responsetime":
		return func(s *subject) (float64, bool) {
			e := s.main()
			if e == nil || e.inProgress {
				return 0, false
			}
			return e.end - e.start, true
		}
	case "duration":
		return func(s *subject) (float64, bool) {
			if s.entity != nil {
				return s.entity.end - s.entity.start, true
			}
			return s.trace.end - s.trace.start, true
		}
	case "http.status":
		return func(s *subject) (float64, bool) {
			e := s.main()
			if e == nil || e.http.status == 0 {
				return 0, false
			}
			return float64(e.http.status), true
		}
	}
	return nil
}

// textKeyword calls yield with each value; nil for none of that name.
func textKeyword(name string) func(s *subject, yield func(string) bool) bool {
	http := func(get func(h *httpFacts) string) func(s *subject, yield func(string) bool) bool {
		return func(s *subject, yield func(string) bool) bool {
			e := s.main()
			return e != nil && get(&e.http) != "" && yield(get(&e.http))
		}
	}
	each := func(get func(e *entity) []string) func(s *subject, yield func(string) bool) bool {
		return func(s *subject, yield func(string) bool) bool {
			return s.any(func(e *entity) bool { return slices.ContainsFunc(get(e), yield) })
		}
	}
	one := func(get func(e *entity) string) func(s *subject, yield func(string) bool) bool {
		return func(s *subject, yield func(string) bool) bool {
			return s.any(func(e *entity) bool { return get(e) != "" && yield(get(e)) })
		}
	}
	switch name {
	case "http.url":
		return http(func(h *httpFacts) string { return h.url })
	case "http.method":
		return http(func(h *httpFacts) string { return h.method })
	case "http.useragent":
		return http(func(h *httpFacts) string { return h.userAgent })
	case "http.clientip":
		return http(func(h *httpFacts) string { return h.clientIP })
	case "user":
		return each(func(e *entity) []string { return e.users })
	case "name":
		return one(func(e *entity) string { return e.service.name })
	case "type":
		return one(func(e *entity) string { return e.service.typ })
	case "message":
		return each(exceptionMessages)
	case "availabilityzone":
		return one(func(e *entity) string { return e.zone })
	case "instance.id":
		return one(func(e *entity) string { return e.instance })
	case "resource.arn":
		return one(func(e *entity) string { return e.arn })
	}
	return nil
}

func exceptionMessages(e *entity) []string {
	messages := make([]string, len(e.exceptions))
	for i := range e.exceptions {
		messages[i] = e.exceptions[i].message
	}
	return messages
}

func (p *filterParser) compareNumber(keyword string, get func(s *subject) (float64, bool)) (filter, error) {
	t := p.next()
	holds := numberOperator(t)
	if holds == nil {
		return nil, fmt.Errorf("%s needs one of = != < <= > >= at character %d", keyword, t.at+1)
	}
	want, err := p.number()
	if err != nil {
		return nil, err
	}
	return func(s *subject) bool {
		v, ok := get(s)
		return ok && holds(v, want)
	}, nil
}

func numberOperator(t token) func(a, b float64) bool {
	if t.kind != tokenSymbol {
		return nil
	}
	switch t.text {
	case "=":
		return func(a, b float64) bool { return a == b }
	case "!=":
		return func(a, b float64) bool { return a != b }
	case "<":
		return func(a, b float64) bool { return a < b }
	case "<=":
		return func(a, b float64) bool { return a <= b }
	case ">":
		return func(a, b float64) bool { return a > b }
	case ">=":
		return func(a, b float64) bool { return a >= b }
	}
	return nil
}

func (p *filterParser) compareText(keyword string, get func(s *subject, yield func(string) bool) bool) (filter, error) {
	t := p.next()
	holds := textOperator(t)
	if holds == nil {
		return nil, fmt.Errorf("%s needs one of = != CONTAINS BEGINSWITH ENDSWITH at character %d", keyword, t.at+1)
	}
	want, err := p.text()
	if err != nil {
		return nil, err
	}
	return func(s *subject) bool {
		return get(s, func(v string) bool { return holds(v, want) })
	}, nil
}

func textOperator(t token) func(a, b string) bool {
	if t.kind != tokenSymbol && t.kind != tokenWord {
		return nil
	}
	switch strings.ToUpper(t.text) {
	case "=":
		return func(a, b string) bool { return a == b }
	case "!=":
		return func(a, b string) bool { return a != b }
	case "CONTAINS":
		return strings.Contains
	case "BEGINSWITH":
		return strings.HasPrefix
	case "ENDSWITH":
		return strings.HasSuffix
	}
	return nil
}
