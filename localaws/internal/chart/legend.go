package chart

// drawLegend draws the legend and leaves the rest of the body.
func (c *Chart) drawLegend(cv *canvas, body rect) rect {
	if len(c.Lines) == 0 {
		return body
	}
	switch c.Legend {
	case LegendBottom:
		return c.legendBottom(cv, body)
	case LegendRight:
		return c.legendRight(cv, body)
	}
	return body
}

func (c *Chart) entry(cv *canvas, i int, x, y, room float64) {
	top := y + (cv.lineHeight(cv.regular)-legendSwatch)/2
	cv.box(c.color(i), rect{x, top, x + legendSwatch, top + legendSwatch})
	cv.text(cv.regular, ink, x+legendSwatch+gap, y, room-legendSwatch-gap, alignLeft, c.Lines[i].Label)
}

func (c *Chart) entryWidth(cv *canvas, i int) float64 {
	return legendSwatch + gap + cv.width(cv.regular, c.Lines[i].Label)
}

// legendBottom places entries in rows, as many rows as there is room for.
func (c *Chart) legendBottom(cv *canvas, body rect) rect {
	type place struct {
		row int
		x   float64
	}
	places := make([]place, len(c.Lines))
	row, x := 0, body.x
	for i := range c.Lines {
		width := min(c.entryWidth(cv, i), body.w())
		if x > body.x && x+width > body.right {
			row, x = row+1, body.x
		}
		places[i] = place{row, x}
		x += width + 2*gap
	}
	height := cv.lineHeight(cv.regular) + gap/2
	rows := min(row+1, max(1, int(body.h()*legendShare/height)))
	top := body.bottom - float64(rows)*height
	for i, p := range places {
		if p.row < rows {
			c.entry(cv, i, p.x, top+float64(p.row)*height, body.right-p.x)
		}
	}
	body.bottom = top - gap
	return body
}

func (c *Chart) legendRight(cv *canvas, body rect) rect {
	width := 0.0
	for i := range c.Lines {
		width = max(width, c.entryWidth(cv, i))
	}
	width = min(width, body.w()*legendShare)
	height := cv.lineHeight(cv.regular) + gap/2
	for i := range c.Lines {
		if y := body.y + float64(i)*height; y+height <= body.bottom {
			c.entry(cv, i, body.right-width, y, width)
		}
	}
	body.right -= width + 2*gap
	return body
}

// drawValues draws the newest value of each line as a number, in columns.
func (c *Chart) drawValues(cv *canvas, body rect) {
	n := len(c.Lines)
	if n == 0 {
		return
	}
	columns := min(n, max(1, int(body.w()/valueColumn)))
	rows := (n + columns - 1) / columns
	w, h := body.w()/float64(columns), body.h()/float64(rows)
	for i := range c.Lines {
		l := &c.Lines[i]
		x, y := body.x+float64(i%columns)*w, body.y+float64(i/columns)*h
		text := "--"
		if k := len(l.Values); k > 0 {
			text = valueText(l.Values[k-1])
		}
		big, small := cv.lineHeight(cv.huge), cv.lineHeight(cv.regular)
		top := y + max(0, (h-big-small)/2)
		cv.text(cv.huge, c.color(i), x, top, w-gap, alignCenter, text)
		cv.text(cv.regular, faint, x, top+big, w-gap, alignCenter, l.Label)
	}
}

// valueColumn is the least width of a number.
const valueColumn = 140
