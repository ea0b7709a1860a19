// Package logsender sends log events to CloudWatch Logs and waits for the answers, for the exporters whose queue is
// exporterhelper's:
//
//	push := sender.Begin(ctx)
//	for i, record := range records {
//		push.Add(group, stream, record.Time, i, encode(record)) // not copied
//	}
//	result := push.Finish()
//	return result.Error(len(records), func(err error, again []int) error { … })
//
// Events are sorted by time and sent in calls of the size CloudWatch Logs takes. A stream has one call at a time, also
// among pushes, so that it gets its events in order, unless the sender is Unordered; streams go in parallel, as many calls
// at a time as the limit allows.
// Groups and streams that do not exist are created when CloudWatch Logs says so.
//
// What is throttled or fails for a passing reason is tried again a few times, then named in the result, to be kept in the
// queue; what stands behind it in the same stream waits with it. What CloudWatch Logs leaves out for its time is counted and
// never sent again. Where it refuses a whole call for what may be one event, halves are sent until that one is alone.
package logsender
