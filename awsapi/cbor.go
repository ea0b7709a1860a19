package awsapi

import (
	"encoding/binary"
	"errors"
	"math"
)

// The part of CBOR (RFC 8949) that Smithy's rpc-v2-cbor uses for one envelope and for errors. Datums come encoded.
// https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html

// CBOR's major types.
const (
	cborUint   = 0
	cborNegInt = 1
	cborBytes  = 2
	cborText   = 3
	cborArray  = 4
	cborMap    = 5
	cborTag    = 6
	cborSimple = 7
)

// cborDepth is how deep an answer may nest before it is taken for an attack.
const cborDepth = 32

func appendCBORHead(dst []byte, major byte, n uint64) []byte {
	major <<= 5
	switch {
	case n < 24:
		return append(dst, major|byte(n))
	case n <= math.MaxUint8:
		return append(dst, major|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, major|25), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, major|27), n)
}

func appendCBORText(dst []byte, s string) []byte {
	return append(appendCBORHead(dst, cborText, uint64(len(s))), s...)
}

var errCBOR = errors.New("not CBOR")

// A cborReader reads one value after the other. After the first bad byte it reads nothing more.
type cborReader struct {
	b   []byte
	err error
}

func (r *cborReader) fail() { r.b, r.err = nil, errCBOR }

// head reads the head of a value. indefinite means that its length is open, or that it is a break.
func (r *cborReader) head() (major byte, n uint64, indefinite bool) {
	if len(r.b) == 0 {
		r.fail()
		return 0, 0, false
	}
	major, info := r.b[0]>>5, r.b[0]&31
	r.b = r.b[1:]
	switch {
	case info < 24:
		return major, uint64(info), false
	case info == 31 && major != cborUint && major != cborNegInt && major != cborTag:
		return major, 0, true
	case info > 27:
		r.fail()
		return 0, 0, false
	}
	size := 1 << (info - 24)
	if len(r.b) < size {
		r.fail()
		return 0, 0, false
	}
	for _, c := range r.b[:size] {
		n = n<<8 | uint64(c)
	}
	r.b = r.b[size:]
	return major, n, false
}

// take reads n bytes.
func (r *cborReader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail()
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

// atBreak reads the end of an open value, if it is next.
func (r *cborReader) atBreak() bool {
	if len(r.b) > 0 && r.b[0] == 0xff {
		r.b = r.b[1:]
		return true
	}
	return r.err != nil
}

// text reads the rest of a string whose head was read.
func (r *cborReader) text(n uint64, indefinite bool) string {
	if !indefinite {
		return string(r.take(n))
	}
	var s []byte
	for !r.atBreak() {
		major, n, open := r.head()
		if open || major != cborText && major != cborBytes {
			r.fail()
			break
		}
		s = append(s, r.take(n)...)
	}
	return string(s)
}

// skip reads a value and forgets it.
func (r *cborReader) skip(depth int) {
	major, n, open := r.head()
	if depth > cborDepth {
		r.fail()
	}
	switch major {
	case cborBytes, cborText:
		r.text(n, open)
	case cborArray, cborMap:
		values := n
		if major == cborMap && !open {
			if n > uint64(len(r.b)) {
				r.fail()
				return
			}
			values = 2 * n
		}
		for i := uint64(0); r.err == nil && (open || i < values); i++ {
			if open && r.atBreak() {
				return
			}
			r.skip(depth + 1)
		}
	case cborTag:
		r.skip(depth + 1)
	case cborSimple:
		if open { // a break where a value should be
			r.fail()
		}
	}
}

// cborStrings returns the members of a map that are strings; what else it holds is skipped.
func cborStrings(b []byte) (map[string]string, error) {
	r := &cborReader{b: b}
	major, n, open := r.head()
	if r.err != nil || major != cborMap {
		return nil, errCBOR
	}
	m := map[string]string{}
	for i := uint64(0); r.err == nil && (open || i < n); i++ {
		if open && r.atBreak() {
			break
		}
		major, n, open := r.head()
		if major != cborText {
			r.fail()
			break
		}
		key := r.text(n, open)
		if len(r.b) > 0 && r.b[0]>>5 == cborText {
			_, n, open := r.head()
			m[key] = r.text(n, open)
			continue
		}
		r.skip(0)
	}
	return m, r.err
}
