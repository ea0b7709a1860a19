package outbox

// This file has the memory of large batches ready before it is needed. Without, who puts the items of a new batch pays
// for its growth: for copies, and for the system's handing over of pages, one every few log lines.

// page is the least that systems hand memory over in.
const page = 4 << 10

// prepareFrom is from which part of its limit on a batch counts as large: an eighth.
const prepareFrom = 8

// prepareLocked sees to it that room is kept for b, which has become large, and for the batch after it: large batches of
// one key follow one another. As a rule there is room, in buffers of batches that were sent.
func (q *Queue) prepareLocked(b *Batch) {
	l := &q.cfg.Limits
	if q.preparing || q.closed || l.Bytes > poolBytes || q.freeBytes >= l.Bytes/2 {
		return
	}
	q.preparing = true
	q.running++
	items := int(int64(len(b.items)) * int64(l.Bytes) / max(1, b.size))
	if l.Items > 0 {
		items = min(items, l.Items)
	}
	go q.prepare(b.room(l), items)
}

// moveLocked puts what b holds into a kept buffer that is larger, if there is one, where b has to grow.
func (q *Queue) moveLocked(b *Batch) {
	last := len(q.free) - 1
	if last < 0 || cap(q.free[last].buf) < 2*cap(b.buf) {
		return
	}
	large := q.free[last]
	q.free[last] = nil
	q.free, q.freeBytes = q.free[:last], q.freeBytes-cap(large.buf)
	b.buf, b.items = append(large.buf, b.buf...), append(large.items, b.items...)
}

// prepare makes an empty batch with room for so many bytes and items.
func (q *Queue) prepare(bytes, items int) {
	b := &Batch{index: -1, buf: make([]byte, bytes), items: make([]item, items)}
	for i := 0; i < bytes; i += page {
		b.buf[i] = 0
	}
	for i := range b.items {
		b.items[i].seq = 0
	}
	b.reset()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.preparing = false
	if !q.closed {
		q.free = append(q.free, b)
		q.freeBytes += cap(b.buf)
	}
	q.exitLocked()
}
