package localaws

import (
	"time"
)

// Alarms are evaluated at every whole minute, those with a period under a minute
// every ten seconds, over the periods that end there. Nothing runs for that:
// whoever reads alarms, or is about to store metric data, first has done what was
// due until now, with the data of then. So the server's clock alone says when an
// alarm changes, and data that comes late changes nothing that lies behind.

// catchUp does every evaluation that was due.
func (s *alarmStore) catchUp(now time.Time) {
	if now.Unix() < s.next.Load() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := int64(neverDue)
	for _, w := range s.alarms {
		s.catchUpLocked(w, now)
		next = min(next, s.alarms[w.AlarmName].next)
	}
	s.next.Store(next)
}

func (s *alarmStore) catchUpLocked(w *alarmWatch, now time.Time) {
	for w.next <= now.Unix() {
		at := time.Unix(w.next, 0)
		if w.next == now.Unix() {
			at = now
		}
		w.next = floorTo(w.next, w.every()) + w.every()
		idle := s.evaluateLocked(w, at)
		w = s.alarms[w.AlarmName]
		if idle && !s.dataSince(w, at.Unix(), now.Unix()) {
			w.next = floorTo(now.Unix(), w.every()) + w.every() // as it is now, it stays
			return
		}
	}
}

// every is how often the alarm is evaluated, in seconds.
func (w *alarmWatch) every() int64 {
	if w.period < alarmMinute {
		return alarmHighEvery
	}
	return alarmMinute
}

// moreSlots is how many periods beyond those that it needs an alarm looks at, in
// case some are missing. AWS says that the number depends on the period and the
// resolution; 2 is that of its examples.
const moreSlots = 2

// window is where the slots of an evaluation begin and end. All lies within the
// time for which minutes are kept.
func (w *alarmWatch) window(at int64) (start, end int64, n int) {
	grid := w.every()
	if w.period < alarmMinute {
		grid = w.period
	}
	n = w.EvaluationPeriods
	for range moreSlots {
		if int64(n+1)*w.period <= keepMinutes {
			n++
		}
	}
	end = floorTo(at, grid)
	return end - int64(n)*w.period, end, n
}

// evaluate decides on the state of an alarm at a time; idle: there was no data.
func (s *alarmStore) evaluateLocked(w *alarmWatch, at time.Time) (idle bool) {
	slots, err := s.slots(w, at.Unix())
	if err != nil { // PutMetricAlarm tried it
		s.failed(err)
		return false
	}
	v := decide(slots, w.toAlarm(), w.EvaluationPeriods, w.treatMissing())
	if deref(w.EvaluateLowSampleCountPercentile) == lowSampleIgnore && len(w.Metrics) == 0 && v.received > 0 {
		if p, ok := w.queries[0].stat.Percentile(); ok && tooFewSamples(p, v.points) {
			v.state = ""
		}
	}
	if v.state != "" && v.state != w.StateValue {
		if err := s.enterLocked(w, v.state, w.reason(&v), w.reasonData(&v, slots, at), at); err != nil {
			s.failed(err)
		}
	}
	return v.received == 0
}

// slots reads the periods that an alarm looks at, oldest first.
func (s *alarmStore) slots(w *alarmWatch, at int64) ([]alarmSlot, error) {
	start, end, n := w.window(at)
	slots := make([]alarmSlot, n)
	for i := range slots {
		slots[i].at = start + int64(i)*w.period
	}
	answer, err := s.metrics.evaluate(&metricRequest{queries: w.queries, start: start, end: end, now: at, zone: time.UTC})
	if err != nil {
		return nil, err
	}
	for i := range answer.lines {
		line := &answer.lines[i]
		for k, t := range line.series.Times {
			at := (t - start) / w.period
			if at < 0 || at >= int64(n) {
				continue
			}
			to, value := &slots[at], line.series.Values[k]
			switch {
			case line.id == alarmSamplesID && len(w.Metrics) == 0:
				to.samples = value
			case line.returned:
				to.value, to.present = value, true
				to.breach = breaches(w.ComparisonOperator, value, w.Threshold)
			}
		}
	}
	return slots, nil
}

// dataSince reports whether a metric of the alarm has data from the window of a
// time on until now, so that later evaluations may differ.
func (s *alarmStore) dataSince(w *alarmWatch, at, now int64) bool {
	start, _, _ := w.window(at)
	for i := range w.queries {
		q := &w.queries[i]
		if q.MetricStat == nil {
			continue
		}
		m := q.MetricStat.Metric
		if s.metrics.newest(metricKey(*m.Namespace, *m.MetricName, sortedDimensions(m.Dimensions))) >= start && start < now {
			return true
		}
	}
	return false
}
