package watch

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A column of a table. Where a line is too narrow, those with the highest rank go first; rank 0 stays.
type column struct {
	title string
	left  bool // else numbers, to the right
	rank  int
}

// A table is columns and rows of as many cells.
type table struct {
	columns []column
	rows    [][]string
}

const gap = 2 // spaces between columns

// lines are the table's, the titles first, each at most that wide.
func (t *table) lines(width int) []string {
	shown := t.fit(width)
	out := make([]string, 0, len(t.rows)+1)
	titles := make([]string, len(t.columns))
	for i, c := range t.columns {
		titles[i] = c.title
	}
	for _, row := range append([][]string{titles}, t.rows...) {
		var line strings.Builder
		for n, i := range shown {
			pad := strings.Repeat(" ", t.width(i)-utf8.RuneCountInString(row[i]))
			switch {
			case n > 0:
				line.WriteString(strings.Repeat(" ", gap))
				fallthrough
			default:
				if t.columns[i].left {
					line.WriteString(row[i] + pad)
				} else {
					line.WriteString(pad + row[i])
				}
			}
		}
		out = append(out, cut(strings.TrimRight(line.String(), " "), width))
	}
	return out
}

// fit chooses the columns that a width has room for.
func (t *table) fit(width int) []int {
	var shown []int
	for rank := maxRank; ; rank-- {
		shown = shown[:0]
		need := -gap
		for i, c := range t.columns {
			if c.rank <= rank {
				shown = append(shown, i)
				need += gap + t.width(i)
			}
		}
		if need <= width || rank == 0 {
			return shown
		}
	}
}

// maxRank is the highest of a column.
const maxRank = 5

// width is a column's.
func (t *table) width(i int) int {
	w := utf8.RuneCountInString(t.columns[i].title)
	for _, row := range t.rows {
		w = max(w, utf8.RuneCountInString(row[i]))
	}
	return w
}

// cut shortens a line, and takes out what a terminal would obey: names come from elsewhere.
func cut(line string, width int) string {
	line = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, line)
	if utf8.RuneCountInString(line) <= width {
		return line
	}
	runes := []rune(line)
	return string(runes[:max(0, width-1)]) + "…"
}
