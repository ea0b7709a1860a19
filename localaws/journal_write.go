package localaws

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
)

// A chunk is the payloads of one kind in one commit.
type chunk struct {
	kind string
	at   int64 // of the newest, in milliseconds
	size int64
	body []byte // before compression
}

// write puts a group on the disk, and takes old chunks off it.
func (j *journal) write(ctx context.Context, group []*entry) error {
	tx, err := j.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // no error after Commit
	sizes := make(map[string]int64)
	for _, c := range chunks(group) {
		j.last = max(j.last, c.at)
		_, err := tx.ExecContext(ctx, `INSERT INTO chunk (kind, at, size, body) VALUES (?, ?, ?, ?)`,
			c.kind, j.last, c.size, j.zstd.EncodeAll(c.body, nil))
		if err != nil {
			return err
		}
		sizes[c.kind] += c.size
		freed, err := j.prune(ctx, tx, c.kind, j.sizes[c.kind]+sizes[c.kind])
		if err != nil {
			return err
		}
		sizes[c.kind] -= freed
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	for kind, n := range sizes {
		j.sizes[kind] += n
	}
	return nil
}

// chunks sorts a group by kind, in the order the kinds come.
func chunks(group []*entry) []*chunk {
	var list []*chunk
	byKind := make(map[string]*chunk)
	for _, e := range group {
		c := byKind[e.kind]
		if c == nil {
			c = &chunk{kind: e.kind}
			byKind[e.kind] = c
			list = append(list, c)
		}
		c.at = max(c.at, e.at.UnixMilli())
		c.size += int64(len(e.payload))
		c.body = binary.AppendUvarint(c.body, uint64(len(e.payload)))
		c.body = append(c.body, e.payload...)
	}
	return list
}

// prune deletes the oldest chunks of a kind that is over what it may keep, and
// tells how much they held. The newest chunk always stays.
func (j *journal) prune(ctx context.Context, tx *sql.Tx, kind string, held int64) (freed int64, err error) {
	limit := j.keep(kind)
	for limit > 0 && held-freed > limit {
		var id, size, newest int64
		err := tx.QueryRowContext(ctx, `SELECT id, size, (SELECT max(id) FROM chunk WHERE kind = ?) FROM chunk WHERE kind = ? ORDER BY id LIMIT 1`,
			kind, kind).Scan(&id, &size, &newest)
		if errors.Is(err, sql.ErrNoRows) || err == nil && id == newest {
			return freed, nil
		}
		if err != nil {
			return freed, err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM chunk WHERE id = ?`, id); err != nil {
			return freed, err
		}
		freed += size
	}
	return freed, nil
}
