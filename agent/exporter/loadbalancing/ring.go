package loadbalancing

import (
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"slices"
)

// The places of the collector's own exporter, so that agents with either send a trace to the same gateway.
const (
	ringPlaces  = 131071 // places on the ring
	ringPoints  = 200    // points of each collector
	ringProbing = 10     // how many places after a taken one are tried
)

// A ring has the points of all collectors in the order of their places. It never changes.
type ring struct {
	places []uint32 // where the points are, ascending
	owners []int    // whose they are: indexes of the endpoints
}

// A point is where a collector would like to be.
type point struct {
	place, hash uint32
	owner       int
}

// newRing places the points of the endpoints. Their order does not matter.
func newRing(endpoints []string) ring {
	points := make([]point, 0, len(endpoints)*ringPoints)
	for owner, endpoint := range endpoints {
		text := binary.LittleEndian.AppendUint32([]byte(endpoint), 0)
		for i := range uint32(ringPoints) {
			binary.LittleEndian.PutUint32(text[len(endpoint):], i)
			hash := crc32.ChecksumIEEE(text)
			points = append(points, point{place: hash % ringPlaces, hash: hash, owner: owner})
		}
	}
	slices.SortFunc(points, func(a, b point) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.hash, b.hash), cmp.Compare(endpoints[a.owner], endpoints[b.owner]))
	})
	taken := make(map[uint32]bool, len(points))
	placed := points[:0]
	for _, p := range points {
		if place, ok := free(taken, p.place); ok {
			taken[place] = true
			placed = append(placed, point{place: place, owner: p.owner})
		}
	}
	slices.SortFunc(placed, func(a, b point) int { return cmp.Compare(a.place, b.place) })
	r := ring{places: make([]uint32, len(placed)), owners: make([]int, len(placed))}
	for i, p := range placed {
		r.places[i], r.owners[i] = p.place, p.owner
	}
	return r
}

// free is the first place from one on that nobody has taken, if it is near.
func free(taken map[uint32]bool, place uint32) (uint32, bool) {
	for range ringProbing {
		if !taken[place] {
			return place, true
		}
		place = (place + 1) % ringPlaces
	}
	return 0, false
}

// find is the index of the point that a key belongs to: the next one on the ring. The ring must not be empty.
func (r ring) find(key []byte) int {
	i, _ := slices.BinarySearch(r.places, crc32.ChecksumIEEE(key)%ringPlaces)
	if i == len(r.places) {
		return 0
	}
	return i
}
