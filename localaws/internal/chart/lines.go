package chart

import (
	"image/color"
	"math"
	"slices"
	"time"
)

// A plot is the area where lines are drawn, with its scales.
type plot struct {
	rect
	time            scale
	onLeft, onRight scale
	hasRight        bool
}

func (p *plot) scale(right bool) scale {
	if right && p.hasRight {
		return p.onRight
	}
	return p.onLeft
}

const (
	pixelsPerTick     = 45 // of an axis of values
	pixelsPerTimeTick = 90
	lineWidth         = 1.6
	areaAlpha         = 0x80
	bandAlpha         = 0x30
	dotRadius         = 2
	legendSwatch      = 10.0
	legendShare       = 0.35 // of the image that a legend may take
)

func (c *Chart) drawLines(cv *canvas, body rect) {
	body = c.drawLegend(cv, body)
	p := &plot{rect: body, hasRight: slices.ContainsFunc(c.Lines, func(l Line) bool { return l.Right })}
	stacks := c.stacks()
	lowLeft, highLeft := c.bounds(false, stacks)
	lowRight, highRight := c.bounds(true, stacks)
	height := cv.lineHeight(cv.regular)
	if c.Left.Label != "" || c.Right.Label != "" {
		cv.text(cv.regular, faint, body.x, body.y, body.w()/2, alignLeft, c.Left.Label)
		cv.text(cv.regular, faint, body.x+body.w()/2, body.y, body.w()/2, alignRight, c.Right.Label)
		p.y += height + gap
	}
	p.bottom -= height + gap
	p.y += height / 2
	n := int(p.h() / pixelsPerTick)
	ticksLeft, ticksRight := valueTicks(lowLeft, highLeft, n), valueTicks(lowRight, highRight, n)
	p.x += c.tickWidth(cv, ticksLeft)
	if p.hasRight {
		p.right -= c.tickWidth(cv, ticksRight)
	}
	if p.w() < 2 || p.h() < 2 {
		return // no room
	}
	p.time = scale{float64(c.Start.Unix()), float64(c.End.Unix()), p.x, p.right}
	p.onLeft = scale{lowLeft, highLeft, p.bottom, p.y}
	p.onRight = scale{lowRight, highRight, p.bottom, p.y}
	c.drawGrid(cv, p, ticksLeft, ticksRight)
	for i := range c.Lines {
		if c.Stacked {
			c.drawArea(cv, p, i, stacks)
		} else {
			c.drawLine(cv, p, i)
		}
	}
	c.drawAnnotations(cv, p)
}

func (c *Chart) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

func (c *Chart) tickWidth(cv *canvas, ticks []float64) float64 {
	width := 0.0
	for _, t := range ticks {
		width = max(width, cv.width(cv.regular, valueText(t)))
	}
	return width + gap
}

// bounds are the lowest and the highest value of an axis.
func (c *Chart) bounds(right bool, stacks map[int][]float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	take := func(v float64) { low, high = min(low, v), max(high, v) }
	for i, l := range c.Lines {
		if l.Right != right {
			continue
		}
		values := l.Values
		if c.Stacked {
			values = stacks[i]
			take(0)
		}
		for _, v := range values {
			take(v)
		}
	}
	for _, a := range c.Horizontal {
		if a.Right == right {
			take(a.At)
			if a.Fill == FillBand {
				take(a.End)
			}
		}
	}
	if low > high {
		low, high = 0, 1
	}
	if low == high {
		low, high = low-max(math.Abs(low)/10, 0.5), high+max(math.Abs(high)/10, 0.5)
	} else {
		room := (high - low) / 20
		if low != 0 {
			low -= room
		}
		high += room
	}
	axis := c.Left
	if right {
		axis = c.Right
	}
	if axis.Min != nil {
		low = *axis.Min
	}
	if axis.Max != nil {
		high = *axis.Max
	}
	if !(low < high) {
		high = low + 1
	}
	return low, high
}

func (c *Chart) drawGrid(cv *canvas, p *plot, left, right []float64) {
	height := cv.lineHeight(cv.regular)
	for _, t := range left {
		y := p.onLeft.at(t)
		cv.across(grid, p.x, p.right, y)
		cv.text(cv.regular, faint, 0, y-height/2, p.x-gap, alignRight, valueText(t))
	}
	if p.hasRight {
		for _, t := range right {
			cv.text(cv.regular, faint, p.right+gap, p.onRight.at(t)-height/2, float64(c.Width), alignLeft, valueText(t))
		}
	}
	ticks, layout := timeTicks(c.Start, c.End, int(p.w()/pixelsPerTimeTick), c.zone())
	for _, t := range ticks {
		x := p.time.at(float64(t))
		cv.down(faint, x, p.bottom, p.bottom+gap/2)
		text := time.Unix(t, 0).In(c.zone()).Format(layout)
		width := cv.width(cv.regular, text)
		at := min(max(0, x-width/2), float64(c.Width)-width) // the last one would leave the image
		cv.text(cv.regular, faint, at, p.bottom+gap, width, alignLeft, text)
	}
	cv.across(faint, p.x, p.right, p.bottom)
}

// drawLine draws a line, with gaps where points are missing.
func (c *Chart) drawLine(cv *canvas, p *plot, i int) {
	l, with := &c.Lines[i], c.color(i)
	s := p.scale(l.Right)
	var run []point
	flush := func() {
		if len(run) == 1 {
			cv.dot(with, run[0], dotRadius)
		}
		cv.stroke(with, lineWidth, run...)
		run = run[:0]
	}
	for k, t := range l.Times {
		if k > 0 && l.Period > 0 && t-l.Times[k-1] > l.Period {
			flush()
		}
		run = append(run, p.clamp(point{p.time.at(float64(t)), s.at(l.Values[k])}))
	}
	flush()
}

// clamp keeps a point within the plot.
func (p *plot) clamp(q point) point {
	return point{min(max(q.x, p.x), p.right), min(max(q.y, p.y), p.bottom)}
}

// stacks are the upper edges of stacked lines by their index, at the times of
// allTimes; each axis has a stack of its own.
func (c *Chart) stacks() map[int][]float64 {
	if !c.Stacked {
		return nil
	}
	all := c.allTimes()
	out := make(map[int][]float64, len(c.Lines))
	sums := map[bool][]float64{false: make([]float64, len(all)), true: make([]float64, len(all))}
	for i, l := range c.Lines {
		sum, k := sums[l.Right], 0
		for j, t := range all {
			if k < len(l.Times) && l.Times[k] == t {
				sum[j] += l.Values[k]
				k++
			}
		}
		out[i] = slices.Clone(sum)
	}
	return out
}

func (c *Chart) allTimes() []int64 {
	var all []int64
	for _, l := range c.Lines {
		all = append(all, l.Times...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// drawArea draws a line of a stack with the area down to the one below it.
func (c *Chart) drawArea(cv *canvas, p *plot, i int, stacks map[int][]float64) {
	all, top, right := c.allTimes(), stacks[i], c.Lines[i].Right
	below := make([]float64, len(all))
	for k := i - 1; k >= 0; k-- {
		if c.Lines[k].Right == right {
			below = stacks[k]
			break
		}
	}
	s := p.scale(right)
	var upper, lower []point
	for j, t := range all {
		x := p.time.at(float64(t))
		upper = append(upper, p.clamp(point{x, s.at(top[j])}))
		lower = append(lower, p.clamp(point{x, s.at(below[j])}))
	}
	cv.stroke(c.color(i), lineWidth, upper...)
	slices.Reverse(lower)
	cv.fill(faded(c.color(i), areaAlpha), append(upper, lower...)...)
}

func annotationColor(a *Annotation) color.Color {
	if a.Color == nil {
		return faint
	}
	return a.Color
}

func (c *Chart) drawAnnotations(cv *canvas, p *plot) {
	height := cv.lineHeight(cv.regular)
	for i := range c.Horizontal {
		a := &c.Horizontal[i]
		with, s := annotationColor(a), p.scale(a.Right)
		y, end := p.clamp(point{p.x, s.at(a.At)}).y, p.y
		switch a.Fill {
		case FillBelow:
			end = p.bottom
		case FillBand:
			end = p.clamp(point{p.x, s.at(a.End)}).y
			cv.across(with, p.x, p.right, end)
			cv.text(cv.regular, with, p.x+gap, end-height, p.w()-gap, alignLeft, a.EndLabel)
		}
		if a.Fill != FillNone {
			cv.box(faded(with, bandAlpha), rect{p.x, min(y, end), p.right, max(y, end)})
		}
		cv.across(with, p.x, p.right, y)
		cv.text(cv.regular, with, p.x+gap, y-height, p.w()-gap, alignLeft, a.Label)
	}
	for i := range c.Vertical {
		a := &c.Vertical[i]
		with := annotationColor(a)
		x, end := p.clamp(point{p.time.at(a.At), p.y}).x, p.right
		switch a.Fill {
		case FillBelow:
			end = p.x
		case FillBand:
			end = p.clamp(point{p.time.at(a.End), p.y}).x
			cv.down(with, end, p.y, p.bottom)
			cv.text(cv.regular, with, end+gap/2, p.y+height, p.right-end, alignLeft, a.EndLabel)
		}
		if a.Fill != FillNone {
			cv.box(faded(with, bandAlpha), rect{min(x, end), p.y, max(x, end), p.bottom})
		}
		cv.down(with, x, p.y, p.bottom)
		cv.text(cv.regular, with, x+gap/2, p.y, p.right-x, alignLeft, a.Label)
	}
}
