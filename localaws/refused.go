package localaws

import (
	"sync"
	"time"
)

// Bounds of what is kept of refused data. It has its own memory, so that
// accepted data never pushes it out.
const (
	maxRefusals     = 2000
	maxRefusalBytes = 32 << 20
	maxShownItem    = 128 << 10 // of one item
)

// A Refusal is a call, or one item of a call, that AWS would have refused.
type Refusal struct {
	Seq       int64     // counts from 1
	Time      time.Time // when it was refused
	Service   string    // "xray", "logs", "cloudwatch"
	Operation string
	Rule      Rule
	Field     string // where in the item, e.g. "subsegments[0].name"
	Value     string // what stood there, shortened
	Item      string // the refused item as it came, its first 128 KiB
	ItemBytes int    // its full length
	Message   string // AWS's text
	Call      bool   // the whole call was refused, not one item of it
}

// size is what the refusal costs in memory, about.
func (r *Refusal) size() int { return len(r.Item) + len(r.Value) + len(r.Message) + 512 }

// refusedRing keeps the newest refusals.
type refusedRing struct {
	mu    sync.Mutex
	list  []Refusal // oldest first
	bytes int
	seq   int64
}

func (q *refusedRing) add(r Refusal) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.seq++
	r.Seq = q.seq
	q.list = append(q.list, r)
	q.bytes += r.size()
	drop := 0
	for len(q.list)-drop > maxRefusals || q.bytes > maxRefusalBytes && len(q.list)-drop > 1 {
		q.bytes -= q.list[drop].size()
		q.list[drop] = Refusal{}
		drop++
	}
	q.list = q.list[drop:]
}

func (q *refusedRing) total() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.seq
}

// page is up to limit refusals before a sequence number (0: the newest), newest first.
func (q *refusedRing) page(before int64, limit int) []Refusal {
	q.mu.Lock()
	defer q.mu.Unlock()
	page := []Refusal{}
	for i := len(q.list) - 1; i >= 0 && len(page) < limit; i-- {
		if before == 0 || q.list[i].Seq < before {
			page = append(page, q.list[i])
		}
	}
	return page
}

// Refused is what AWS would have refused, newest first, as far as it is kept.
func (s *Server) Refused() []Refusal { return s.refused.page(0, maxRefusals) }
