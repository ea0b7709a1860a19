package appendjson

import "strconv"

// Int appends v. Most numbers have few digits, for which it is quicker than
// package strconv.
func Int(dst []byte, v int64) []byte {
	const four, eight = 10_000, 100_000_000
	switch {
	case uint64(v) < four:
		return appendFew(dst, uint32(v))
	case uint64(v) < eight:
		n := uint32(v)
		return Four(appendFew(dst, n/four), n%four)
	}
	return strconv.AppendInt(dst, v, 10)
}

// Four appends a number below 10,000 with four digits.
func Four(dst []byte, n uint32) []byte {
	high, low := n/100, n%100
	return append(dst, '0'+byte(high/10), '0'+byte(high%10), '0'+byte(low/10), '0'+byte(low%10))
}

func appendFew(dst []byte, n uint32) []byte {
	switch {
	case n < 10:
		return append(dst, '0'+byte(n))
	case n < 100:
		return append(dst, '0'+byte(n/10), '0'+byte(n%10))
	case n < 1000:
		return append(dst, '0'+byte(n/100), '0'+byte(n/10%10), '0'+byte(n%10))
	}
	return Four(dst, n)
}
