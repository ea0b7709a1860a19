package localaws

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// epoch is what X-Ray has for the times of the Default rule until it is changed.
var epoch = time.Unix(0, 0)

// A samplingStore holds the rules, and how they are used. The rules are in the
// journal; what clients report of their use is not, as it is old in minutes.
type samplingStore struct {
	changing sync.Mutex // held over one change of the rules, from check to journal

	mu       sync.Mutex
	rules    map[string]samplingRecord
	modified time.Time // of the last change of any rule, deletions included
	use      map[string]*ruleUse
}

func newSamplingStore() *samplingStore {
	return &samplingStore{
		rules:    map[string]samplingRecord{defaultRule: newDefaultRule()},
		modified: epoch,
		use:      make(map[string]*ruleUse),
	}
}

// list is every rule, in the order they are tried.
func (s *samplingStore) list() []samplingRecord {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.rules), compareRules)
}

func (s *samplingStore) lookup(name string) (samplingRecord, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.rules[name]
	return r, ok
}

// custom is the number of rules besides Default.
func (s *samplingStore) custom() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.rules) - 1
}

// A samplingChange is a rule that was created or changed, or the name of one
// that was deleted: what the journal keeps.
type samplingChange struct {
	At      wire.Time       `json:"at"`
	Deleted string          `json:"deleted,omitempty"`
	Record  *samplingRecord `json:"record,omitempty"`
}

// changeRules journals a change and makes it.
func (c *call) changeRules(change samplingChange) error {
	change.At = wire.NewTime(c.now)
	payload, err := json.Marshal(change)
	if err != nil {
		return err
	}
	if err := c.srv.journal.append(kindSampling, c.now, payload); err != nil {
		return err
	}
	c.srv.sampling.apply(change)
	return nil
}

func (s *samplingStore) apply(change samplingChange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.modified = change.At.Time
	if change.Record != nil {
		s.rules[change.Record.SamplingRule.RuleName] = *change.Record
		return
	}
	delete(s.rules, change.Deleted)
	delete(s.use, change.Deleted)
}

// restore takes a change back from the journal.
func (s *samplingStore) restore(payload []byte) error {
	var change samplingChange
	if err := json.Unmarshal(payload, &change); err != nil {
		return err
	}
	if (change.Record == nil) == (change.Deleted == "") {
		return errors.New("change of no sampling rule")
	}
	s.apply(change)
	return nil
}

// nameInARN is the name at the end of a rule's ARN; "" for another ARN.
func nameInARN(arn string) string {
	name, found := strings.CutPrefix(arn, samplingRuleARNPrefix)
	if !found {
		return ""
	}
	return name
}
