package appendjson

import "encoding/binary"

// Hex appends an id, whose length is a multiple of four, in hex. It is quicker
// than package encoding/hex.
func Hex(dst, id []byte) []byte {
	for ; len(id) >= 4; id = id[4:] {
		dst = binary.LittleEndian.AppendUint64(dst, hexDigits(binary.LittleEndian.Uint32(id)))
	}
	return dst
}

// hexDigits are the eight digits of four bytes, the first in the lowest byte:
// divided into halves, then bytes, then digits.
func hexDigits(n uint32) uint64 {
	const ones, sixes = 0x0101010101010101, 0x0606060606060606
	all := uint64(n)
	all = (all | all<<16) & 0x0000ffff0000ffff
	all = (all | all<<8) & 0x00ff00ff00ff00ff
	all = (all>>4 | all<<8) & 0x0f0f0f0f0f0f0f0f
	letters := (all + sixes) >> 4 & ones
	return all + ascii + letters*('a'-'9'-1)
}
