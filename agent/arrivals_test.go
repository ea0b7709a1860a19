package agent_test

import (
	"regexp"
	"sync"
	"time"

	"github.com/updraft-otel/updraft/localaws"
)

// segmentID finds a span's id in the body of PutTraceSegments.
var segmentID = regexp.MustCompile(`\\"id\\":\\"([0-9a-f]{16})\\"`)

// arrivals are the items that AWS was asked to take, by their names.
type arrivals struct {
	mu   sync.Mutex
	seen map[string]bool
}

// watch finds items by their name in the bodies of a call, which then takes a while.
func watch(aws *localaws.Server, operation string, name *regexp.Regexp, delay time.Duration) *arrivals {
	a := &arrivals{seen: map[string]bool{}}
	aws.Control(operation, func(c *localaws.Call) *localaws.Fault {
		a.mu.Lock()
		defer a.mu.Unlock()
		for _, m := range name.FindAllSubmatch(c.Body, -1) {
			a.seen[string(m[1])] = true
		}
		return &localaws.Fault{Delay: delay}
	})
	return a
}

// missing is how many of these items have not arrived.
func (a *arrivals) missing(names map[string]bool) (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for name := range names {
		if !a.seen[name] {
			n++
		}
	}
	return n
}
