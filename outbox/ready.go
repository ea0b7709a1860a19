package outbox

// A lane holds the ready batches of one key, in the order they came.
type lane struct {
	key         string
	first, last *Batch
	next        *lane
}

// ready holds the batches that may be sent. Keys take turns, so that one with a thousand batches waiting does not hold
// up another's only one.
type ready struct {
	lanes       map[string]*lane // none is empty
	first, last *lane
	spare       *lane // an empty one for the next key
	n           int
}

func (r *ready) push(b *Batch) {
	r.n++
	b.next = nil
	l := r.lanes[b.key]
	if l != nil {
		l.last.next = b
		l.last = b
		return
	}
	if l, r.spare = r.spare, nil; l == nil {
		l = &lane{}
	}
	*l = lane{key: b.key, first: b, last: b}
	r.lanes[b.key] = l
	r.enqueue(l)
}

// pop takes the oldest batch of the key whose turn it is; nil if there is none.
func (r *ready) pop() *Batch {
	l := r.first
	if l == nil {
		return nil
	}
	r.n--
	if r.first = l.next; r.first == nil {
		r.last = nil
	}
	b := l.first
	if l.first = b.next; l.first == nil {
		delete(r.lanes, l.key)
		*l = lane{}
		r.spare = l
	} else {
		r.enqueue(l)
	}
	b.next = nil
	return b
}

func (r *ready) enqueue(l *lane) {
	l.next = nil
	if r.last == nil {
		r.first = l
	} else {
		r.last.next = l
	}
	r.last = l
}
