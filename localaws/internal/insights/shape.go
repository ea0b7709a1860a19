package insights

// A Shape says what the rows of a query are.
type Shape struct {
	Stats  bool     // groups of events, not events
	Time   string   // the column that is a bin of time, "" without one
	By     []string // the other columns that tell groups apart
	Values []string // the columns that stats reckoned
}

// Columns are the names of what rows show, in their order.
func (q *Query) Columns() []string {
	columns := q.columns
	if columns == nil {
		columns = defaultColumns()
	}
	names := make([]string, 0, len(columns))
	for _, c := range columns {
		names = append(names, c.name)
	}
	return names
}

// Shape is that of the last stats command, as far as its columns are shown.
func (q *Query) Shape() Shape {
	shown := make(map[string]bool)
	for _, name := range q.Columns() {
		shown[name] = true
	}
	s := Shape{Stats: q.stats}
	for _, c := range q.commands {
		stats, ok := c.(*statsCommand)
		if !ok {
			continue
		}
		s.Time, s.By, s.Values = "", nil, nil
		for _, by := range stats.by {
			_, isTime := by.expr.(truncation)
			switch {
			case !shown[by.name]:
			case isTime && s.Time == "":
				s.Time = by.name
			default:
				s.By = append(s.By, by.name)
			}
		}
		for _, v := range stats.columns {
			if shown[v.name] {
				s.Values = append(s.Values, v.name)
			}
		}
	}
	return s
}
