package localaws

import (
	"maps"
	"math"
	"slices"
	"strings"
)

// logSettings is what can be changed of a log group after it was made. It is
// read and written under the store's lock; tags are never changed in place.
type logSettings struct {
	kms       string
	guarded   bool // deletion protection
	bearer    bool // bearer tokens are taken at /v1/logs
	retention int  // days; 0: for ever
	tags      map[string]string
}

// dayMillis is a day in milliseconds.
const dayMillis = 24 * hourMillis

// keepsFrom is the oldest time that the group keeps at a time of now, both in
// milliseconds.
func (g *logGroup) keepsFrom(now int64) int64 {
	days := g.retention
	if g.class == classDelivery {
		days = deliveryRetentionDays
	}
	if days == 0 {
		return math.MinInt64
	}
	return now - int64(days)*dayMillis
}

// deliveryRetentionDays is how long groups of the DELIVERY class keep events:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
const deliveryRetentionDays = 1

// record is the group in the journal.
func (g *logGroup) record() *logRecord {
	return &logRecord{
		Group: g.name, Class: g.class, KMS: g.kms, Guarded: g.guarded, Created: g.created,
		Bearer: g.bearer, Retention: g.retention, Tags: g.tags,
	}
}

// changeGroup changes the settings of a group, in the journal and then in the
// store. Change may refuse.
func (c *call) changeGroup(name string, change func(*logGroup) error) error {
	c.srv.logs.control.Lock()
	defer c.srv.logs.control.Unlock()
	g, ok := c.srv.logs.group(name)
	if !ok {
		return c.fail("ResourceNotFoundException", noSuchGroup)
	}
	if err := change(&g); err != nil {
		return err
	}
	record := g.record()
	record.Change = true
	if err := c.keepLogRecord(record); err != nil {
		return err
	}
	c.srv.logs.setGroup(name, g.logSettings)
	return nil
}

// changeNamed is changeGroup for calls that name the group.
func (c *call) changeNamed(name *string, change func(*logGroup) error) (*emptyOutput, error) {
	if err := c.checkGroupName(name); err != nil {
		return nil, err
	}
	if err := c.changeGroup(*name, change); err != nil {
		return nil, err
	}
	return &emptyOutput{}, nil
}

// changeIdentified is changeGroup for calls that give a name or an ARN.
func (c *call) changeIdentified(identifier *string, change func(*logGroup) error) (*emptyOutput, error) {
	if identifier == nil {
		return nil, c.refuse(&ruleLogMemberRequired, "logGroupIdentifier", "logGroupIdentifier", c.body)
	}
	name := groupOfARN(*identifier)
	return c.changeNamed(&name, change)
}

// groupOfARN is the group's name in its ARN, or the name itself.
func groupOfARN(arn string) string {
	return strings.TrimSuffix(strings.TrimPrefix(arn, logARN("")), ":*")
}

// group is a copy of a group without its streams.
func (s *logStore) group(name string) (logGroup, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	g := s.groups[name]
	if g == nil {
		return logGroup{}, false
	}
	found := *g
	found.streams = nil
	return found, true
}

// setGroup replaces the settings of a group, if it is there.
func (s *logStore) setGroup(name string, settings logSettings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.groups[name]; g != nil {
		g.logSettings = settings
		s.countRetainingLocked()
	}
}

// countRetainingLocked counts the groups whose events expire.
func (s *logStore) countRetainingLocked() {
	n := 0
	for _, g := range s.groups {
		if g.keepsFrom(0) != math.MinInt64 {
			n++
		}
	}
	s.retaining.Store(int64(n))
}

// deleteGroup takes a group away with its streams and events.
func (s *logStore) deleteGroup(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[name]
	if g == nil {
		return
	}
	for stream := range g.streams {
		s.deleteStreamLocked(g, stream)
	}
	delete(s.groups, name)
	s.bytes -= logGroupOverhead
	s.countRetainingLocked()
}

// deleteStream takes a stream away with its events.
func (s *logStore) deleteStream(group, stream string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.groups[group]; g != nil {
		s.deleteStreamLocked(g, stream)
	}
}

func (s *logStore) deleteStreamLocked(g *logGroup, stream string) {
	st := g.streams[stream]
	if st == nil {
		return
	}
	for st.events.len > 0 {
		s.forgetLocked(st, st.events.dropOldest())
	}
	delete(g.streams, stream)
	s.bytes -= logStreamOverhead
}

// forgetLocked takes events, which have left their stream, out of all counts.
func (s *logStore) forgetLocked(st *logStream, events []logEvent) {
	for i := range events {
		e := &events[i]
		st.group.bytes -= int64(len(e.message)) + eventOverheadBytes
		s.bytes -= e.bytes()
		s.unindexLocked(e)
		s.events--
	}
}

// expire drops the events that their groups no longer keep. AWS hides them at
// once and deletes them within days.
func (s *logStore) expire() {
	if s.retaining.Load() == 0 || s.now == nil {
		return
	}
	now := s.now().UnixMilli()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.groups {
		from := logPos{at: g.keepsFrom(now)}
		for _, st := range g.streams {
			for st.events.len > 0 && st.firstAt() < from.at {
				s.forgetLocked(st, st.events.dropBefore(from))
			}
		}
	}
}

// dropBefore takes from the first block what lies before p.
func (l *logList) dropBefore(p logPos) []logEvent {
	block := l.blocks[0]
	if block[len(block)-1].pos().compare(p) < 0 {
		return l.dropOldest()
	}
	i, _ := slices.BinarySearchFunc(block, p, func(e logEvent, p logPos) int { return e.pos().compare(p) })
	l.blocks[0] = slices.Clone(block[i:])
	l.len -= i
	return block[:i]
}

// withTags is the tags of a group and further ones.
func withTags(old, more map[string]string) map[string]string {
	all := make(map[string]string, len(old)+len(more))
	maps.Copy(all, old)
	maps.Copy(all, more)
	return all
}

// withoutTags is the tags of a group but for some keys.
func withoutTags(old map[string]string, keys []string) map[string]string {
	left := maps.Clone(old)
	for _, k := range keys {
		delete(left, k)
	}
	return left
}
