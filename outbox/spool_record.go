package outbox

import (
	"encoding/binary"
	"hash/crc32"
)

// A spool file is a header, the magic and the number of its first item, and then records, each the CRC-32C of what
// follows it, the payload's length, a kind, and the payload. Items are numbered by their order. What stands behind the
// first record that does not check was being written when the process ended.

const spoolMagic = "updraft\x01"

// Sizes of the file's and of a record's head.
const (
	fileHead   = len(spoolMagic) + 8
	recordHead = 4 + 4 + 1
)

// A recordKind says what a record's payload is.
type recordKind byte

const (
	recordItem    recordKind = iota + 1 // nanoseconds (8), the key's number, the body
	recordKey                           // a key, which has the next number in the file
	recordBegun                         // ranges of items that are being sent
	recordDone                          // ranges of items that were delivered or given up
	recordEncoded                       // as recordItem, with the size that counts before the body
)

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) } // the one table of the package

// beginRecord and endRecord stand around the appending of a payload.
func beginRecord(dst []byte, kind recordKind) (extended []byte, at int) {
	at = len(dst)
	return append(dst, 0, 0, 0, 0, 0, 0, 0, 0, byte(kind)), at
}

func endRecord(dst []byte, at int) []byte {
	binary.LittleEndian.PutUint32(dst[at+4:], uint32(len(dst)-at-recordHead))
	binary.LittleEndian.PutUint32(dst[at:], crc32.Checksum(dst[at+4:], castagnoli()))
	return dst
}

func appendFileHead(dst []byte, first uint64) []byte {
	return binary.LittleEndian.AppendUint64(append(dst, spoolMagic...), first)
}

// parseFileHead returns the number of the file's first item.
func parseFileHead(data []byte) (first uint64, ok bool) {
	if len(data) < fileHead || string(data[:len(spoolMagic)]) != spoolMagic {
		return 0, false
	}
	return binary.LittleEndian.Uint64(data[len(spoolMagic):]), true
}

// appendItemRecord appends an item; size is 0 unless it is encoded.
func appendItemRecord(dst []byte, at int64, key uint64, body []byte, size int) []byte {
	kind := recordItem
	if size != 0 {
		kind = recordEncoded
	}
	dst, start := beginRecord(dst, kind)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(at))
	dst = binary.AppendUvarint(dst, key)
	if size != 0 {
		dst = binary.AppendUvarint(dst, uint64(size))
	}
	return endRecord(append(dst, body...), start)
}

func parseItem(kind recordKind, payload []byte) (it item, key uint64, body []byte, ok bool) {
	if len(payload) < 8 {
		return it, 0, nil, false
	}
	it.at, body = int64(binary.LittleEndian.Uint64(payload)), payload[8:]
	key, n := binary.Uvarint(body)
	if n <= 0 {
		return it, 0, nil, false
	}
	body = body[n:]
	if kind == recordEncoded {
		size, n := binary.Uvarint(body)
		if n <= 0 || size > maxRecord {
			return it, 0, nil, false
		}
		it.size, body = int(size), body[n:]
	}
	return it, key, body, true
}

func appendKeyRecord(dst []byte, key string) []byte {
	dst, start := beginRecord(dst, recordKey)
	return endRecord(append(dst, key...), start)
}

// appendRanges appends the numbers of the items that are in the spool, as ranges: how far each is behind the end of the
// one before, and how many items it has.
func appendRanges(dst []byte, items []item) []byte {
	var end uint64
	for i := 0; i < len(items); {
		first := items[i].seq
		n := uint64(1)
		for i++; i < len(items) && items[i].seq == first+n; i++ {
			n++
		}
		if first == 0 {
			continue
		}
		dst = binary.AppendVarint(dst, int64(first-end))
		dst = binary.AppendUvarint(dst, n)
		end = first + n
	}
	return dst
}

// eachRange reads what appendRanges wrote, as far as it makes sense.
func eachRange(payload []byte, f func(first, n uint64)) {
	var end uint64
	for len(payload) > 0 {
		delta, a := binary.Varint(payload)
		if a <= 0 {
			return
		}
		n, b := binary.Uvarint(payload[a:])
		if b <= 0 {
			return
		}
		payload = payload[a+b:]
		first := end + uint64(delta)
		f(first, n)
		end = first + n
	}
}

// nextRecord cuts the first record off data. Need is how many bytes data must have for it, at least, where it has not;
// a record that does not check needs none, and is none.
func nextRecord(data []byte) (kind recordKind, payload, rest []byte, need int) {
	if len(data) < recordHead {
		return 0, nil, nil, recordHead
	}
	n := uint64(binary.LittleEndian.Uint32(data[4:])) + uint64(recordHead)
	if n > maxRecord {
		return 0, nil, nil, 0
	}
	if uint64(len(data)) < n {
		return 0, nil, nil, int(n)
	}
	if binary.LittleEndian.Uint32(data) != crc32.Checksum(data[4:n], castagnoli()) {
		return 0, nil, nil, 0
	}
	return recordKind(data[8]), data[recordHead:n], data[n:], 0
}

// maxRecord is more than any record has; what claims to be longer is none.
const maxRecord = 64 << 20
