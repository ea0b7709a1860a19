package localaws

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// An alarmStore holds alarms and their history. What they are is in the journal,
// and each change of their state; an alarm that was not asked about is evaluated
// nevertheless, see catchUp.
type alarmStore struct {
	metrics *metricStore
	journal func(kind string, at time.Time, payload []byte) error
	failed  func(error) // told when a state could not be journaled

	next atomic.Int64 // when the first alarm is due, in seconds

	mu      sync.Mutex
	alarms  map[string]*alarmWatch
	history []alarmHistoryItem // oldest first
}

// History is kept for two weeks; see
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html.
// Its number is bounded here.
const (
	keepHistory    = 14 * 24 * time.Hour
	maxHistory     = 20_000
	neverDue       = 1<<63 - 1
	alarmMinute    = 60 // an alarm is evaluated every minute,
	alarmHighEvery = 10 // with a period under a minute every ten seconds
)

func newAlarmStore(metrics *metricStore) *alarmStore {
	s := &alarmStore{metrics: metrics, alarms: make(map[string]*alarmWatch)}
	s.next.Store(neverDue)
	return s
}

// An alarmChange is what the journal keeps: an alarm as it now is, or the name of
// one that was deleted; and what its history says of that.
type alarmChange struct {
	Alarm   *metricAlarm      `json:"alarm,omitempty"`
	Deleted string            `json:"deleted,omitempty"`
	Item    *alarmHistoryItem `json:"item,omitempty"`
}

// change journals a change and makes it.
func (s *alarmStore) changeLocked(kind string, c alarmChange, now time.Time) error {
	payload, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := s.journal(kind, now, payload); err != nil {
		return err
	}
	return s.applyLocked(kind, c, now)
}

// apply makes a change, also one that the journal kept. The state of an alarm that
// is not there any more is history alone.
func (s *alarmStore) applyLocked(kind string, c alarmChange, now time.Time) error {
	if c.Item != nil {
		s.history = append(s.history, *c.Item)
		s.trimLocked(now)
	}
	delete(s.alarms, c.Deleted)
	if c.Alarm == nil || kind == kindAlarmStates && s.alarms[c.Alarm.AlarmName] == nil {
		return nil
	}
	w, err := watch(c.Alarm)
	if err != nil {
		return err
	}
	old := s.alarms[c.Alarm.AlarmName]
	if old != nil && kind == kindAlarmStates {
		w.next = old.next
	} else {
		w.next = now.Unix() + 1 // soon, but not before the answer
	}
	s.alarms[c.Alarm.AlarmName] = w
	s.next.Store(min(s.next.Load(), w.next))
	return nil
}

// trim drops history that is too old, and the oldest of too much.
func (s *alarmStore) trimLocked(now time.Time) {
	since := now.Add(-keepHistory)
	n := max(0, len(s.history)-maxHistory)
	for n < len(s.history) && s.history[n].Timestamp.Before(since) {
		n++
	}
	s.history = slices.Delete(s.history, 0, n)
}

// restore takes back what the journal kept.
func (s *alarmStore) restore(kind string, payload []byte) error {
	var c alarmChange
	if err := json.Unmarshal(payload, &c); err != nil {
		return fmt.Errorf("restore alarms: %w", err)
	}
	at := time.Time{}
	switch {
	case c.Item != nil:
		at = c.Item.Timestamp.Time
	case c.Alarm != nil:
		at = c.Alarm.AlarmConfigurationUpdatedTimestamp.Time
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.applyLocked(kind, c, at); err != nil {
		return fmt.Errorf("restore alarms: %w", err)
	}
	return nil
}

// resume has alarms that were restored evaluated from now on: what they would
// have done while no server ran is not made up.
func (s *alarmStore) resume(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.alarms {
		w.next = now.Unix()
		s.next.Store(min(s.next.Load(), w.next))
	}
}

// list is the alarms that want takes, by name.
func (s *alarmStore) list(want func(*metricAlarm) bool) []*metricAlarm {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*metricAlarm
	for _, name := range slices.Sorted(maps.Keys(s.alarms)) {
		if a := s.alarms[name].metricAlarm; want(a) {
			list = append(list, a)
		}
	}
	return list
}

// put creates an alarm, or changes one, whose state then stays.
func (s *alarmStore) put(a *metricAlarm, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	verb := "created"
	data := map[string]any{"version": "1.0", "type": "Create", "createdAlarm": a}
	at := wire.NewTime(now)
	a.StateValue, a.StateReason = stateInsufficient, reasonCreated
	a.StateUpdatedTimestamp, a.StateTransitionedTimestamp = at, at
	if old := s.alarms[a.AlarmName]; old != nil {
		verb = "updated"
		data = map[string]any{"version": "1.0", "type": "Update", "updatedAlarm": a}
		a.StateValue, a.StateReason, a.StateReasonData = old.StateValue, old.StateReason, old.StateReasonData
		a.StateUpdatedTimestamp, a.StateTransitionedTimestamp = old.StateUpdatedTimestamp, old.StateTransitionedTimestamp
	}
	item := configurationItem(a.AlarmName, verb, data, now)
	return s.changeLocked(kindAlarms, alarmChange{Alarm: a, Item: item}, now)
}

// remove deletes alarms; names that there are not are passed over.
func (s *alarmStore) remove(names []string, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		old := s.alarms[name]
		if old == nil {
			continue
		}
		data := map[string]any{"version": "1.0", "type": "Delete", "deletedAlarm": old.metricAlarm}
		if err := s.changeLocked(kindAlarms, alarmChange{Deleted: name, Item: configurationItem(name, "deleted", data, now)}, now); err != nil {
			return err
		}
	}
	return nil
}

// enable turns the actions of alarms on or off; names that there are not are
// passed over.
func (s *alarmStore) enable(names []string, on bool, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		old := s.alarms[name]
		if old == nil || old.ActionsEnabled == on {
			continue
		}
		a := *old.metricAlarm
		a.ActionsEnabled = on
		a.AlarmConfigurationUpdatedTimestamp = wire.NewTime(now)
		data := map[string]any{"version": "1.0", "type": "Update", "updatedAlarm": &a}
		next := old.next
		if err := s.changeLocked(kindAlarms, alarmChange{Alarm: &a, Item: configurationItem(name, "updated", data, now)}, now); err != nil {
			return err
		}
		s.alarms[name].next = next
	}
	return nil
}

var errNoAlarm = errors.New("no such alarm")

// setState puts an alarm into a state until it is evaluated again.
func (s *alarmStore) setState(name, state, reason, data string, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.alarms[name] == nil {
		return errNoAlarm
	}
	return s.enterLocked(s.alarms[name], state, reason, data, now)
}

// enter changes the state of an alarm, and tells so in its history if it is a
// change.
func (s *alarmStore) enterLocked(w *alarmWatch, state, reason, data string, now time.Time) error {
	old, at := w.metricAlarm, wire.NewTime(now)
	a := *old
	a.StateValue, a.StateReason, a.StateReasonData, a.StateUpdatedTimestamp = state, reason, data, at
	c := alarmChange{Alarm: &a}
	if state != old.StateValue {
		a.StateTransitionedTimestamp = at
		c.Item = historyItem(a.AlarmName, historyState, fmt.Sprintf("Alarm updated from %s to %s", old.StateValue, state),
			map[string]any{"version": "1.0", "oldState": old.stateData(), "newState": a.stateData()}, now)
	}
	return s.changeLocked(kindAlarmStates, c, now)
}

func configurationItem(name, verb string, data any, now time.Time) *alarmHistoryItem {
	return historyItem(name, historyConfiguration, fmt.Sprintf("Alarm %q %s", name, verb), data, now)
}

// maxHistoryData is AWS's limit of HistoryData, in characters.
const maxHistoryData = 4095

func historyItem(name, kind, summary string, data any, now time.Time) *alarmHistoryItem {
	text, err := json.Marshal(data)
	if err != nil || len(text) > maxHistoryData {
		text = []byte(`{"version":"1.0"}`)
	}
	return &alarmHistoryItem{
		AlarmName: name, AlarmType: typeMetricAlarm, Timestamp: wire.NewTime(now),
		HistoryItemType: kind, HistorySummary: summary, HistoryData: string(text),
	}
}

// items is the history that want takes, oldest first; items of one moment in the
// order in which they came.
func (s *alarmStore) items(want func(*alarmHistoryItem) bool, now time.Time) []alarmHistoryItem {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trimLocked(now)
	var list []alarmHistoryItem
	for i := range s.history {
		if want(&s.history[i]) {
			list = append(list, s.history[i])
		}
	}
	slices.SortStableFunc(list, func(a, b alarmHistoryItem) int {
		return cmp.Or(a.Timestamp.Compare(b.Timestamp.Time), strings.Compare(a.AlarmName, b.AlarmName))
	})
	return list
}
