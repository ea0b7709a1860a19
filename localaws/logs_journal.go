package localaws

import (
	"encoding/binary"
	"encoding/json"
	"errors"
)

// A logRecord is a group or a stream in the journal: made, changed or deleted.
type logRecord struct {
	Group   string `json:"group"`
	Stream  string `json:"stream,omitempty"`
	Class   string `json:"class,omitempty"`
	KMS     string `json:"kms,omitempty"`
	Guarded bool   `json:"guarded,omitempty"`
	Created int64  `json:"created"`

	Bearer    bool              `json:"bearer,omitempty"`
	Retention int               `json:"retention,omitempty"`
	Tags      map[string]string `json:"tags,omitempty"`
	Change    bool              `json:"change,omitempty"`
	Deleted   bool              `json:"deleted,omitempty"`
}

func (r *logRecord) encode() ([]byte, error) { return json.Marshal(r) }

func decodeLogRecord(payload []byte) (*logRecord, error) {
	r := new(logRecord)
	if err := json.Unmarshal(payload, r); err != nil {
		return nil, err
	}
	if r.Group == "" {
		return nil, errors.New("record without a group")
	}
	return r, nil
}

// logBatchVersion is the first byte of a batch of events in the journal. After
// it: group, stream, time of ingestion, number of events, and of each its time
// and message; numbers as varints, texts with their length.
const logBatchVersion = 1

func appendLogBatch(dst []byte, b *logBatch) []byte {
	dst = append(dst, logBatchVersion)
	dst = appendString(dst, b.group)
	dst = appendString(dst, b.stream)
	dst = binary.AppendVarint(dst, b.ingested)
	dst = binary.AppendUvarint(dst, uint64(len(b.messages)))
	for i, message := range b.messages {
		dst = binary.AppendVarint(dst, b.at[i])
		dst = appendString(dst, message)
	}
	return dst
}

func appendString(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

var errShortBatch = errors.New("batch ends too early")

func decodeLogBatch(payload []byte) (*logBatch, error) {
	if len(payload) == 0 || payload[0] != logBatchVersion {
		return nil, errors.New("unknown version of a batch; use a newer localaws")
	}
	r := payloadReader{text: string(payload[1:])}
	b := &logBatch{group: r.string(), stream: r.string(), ingested: r.varint()}
	n := r.uvarint()
	for range min(n, uint64(len(payload))) {
		b.at = append(b.at, r.varint())
		b.messages = append(b.messages, r.string())
	}
	if r.bad || uint64(len(b.messages)) != n {
		return nil, errShortBatch
	}
	return b, nil
}

// A payloadReader reads what the append functions wrote. After the first bad
// byte it gives zeros; bad says so at the end. Its strings share one text.
type payloadReader struct {
	text string
	bad  bool
}

func (r *payloadReader) varint() int64 {
	u := r.uvarint()
	v := int64(u >> 1)
	if u&1 != 0 {
		v = ^v
	}
	return v
}

func (r *payloadReader) uvarint() uint64 {
	v, n := binary.Uvarint([]byte(r.text[:min(len(r.text), binary.MaxVarintLen64)]))
	if n <= 0 {
		r.fail()
		return 0
	}
	r.text = r.text[n:]
	return v
}

func (r *payloadReader) string() string {
	n := r.uvarint()
	if n > uint64(len(r.text)) {
		r.fail()
		return ""
	}
	s := r.text[:n]
	r.text = r.text[n:]
	return s
}

func (r *payloadReader) fail() {
	r.text, r.bad = "", true
}
