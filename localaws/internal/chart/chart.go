// Package chart draws time series as PNG images: lines or stacked areas with two
// axes of values, annotations, a legend; or the newest values as numbers.
//
// It draws with golang.org/x/image and Go's own fonts, and knows neither metrics
// nor any format of widgets.
//
//	c := &chart.Chart{Width: 600, Height: 400, Start: start, End: end, Lines: lines}
//	image, err := c.PNG()
package chart

import (
	"bytes"
	"errors"
	"image/color"
	"image/png"
	"time"
)

// View is what a chart shows.
type View int

// The views.
const (
	Lines       View = iota // over time
	SingleValue             // the newest value of each line
)

// Legend is where the legend stands.
type Legend int

// The places of a legend.
const (
	LegendBottom Legend = iota
	LegendRight
	LegendHidden
)

// A Line is a series of the chart. Times are seconds, ascending, each with a value
// that is finite.
type Line struct {
	Label  string
	Color  color.Color // nil: one of the palette
	Right  bool        // measured on the right axis
	Period int64       // seconds between points; further apart, the line has a gap
	Times  []int64
	Values []float64
}

// An Axis says what its values are; nil bounds follow from the data.
type Axis struct {
	Label    string
	Min, Max *float64
}

// Fill is which side of an annotation is shaded.
type Fill int

// The ways to shade.
const (
	FillNone  Fill = iota
	FillAbove      // or after, of a vertical one
	FillBelow      // or before
	FillBand       // up to the annotation's end
)

// An Annotation is a line across the chart, or a band. Horizontal ones are at
// values, vertical ones at seconds.
type Annotation struct {
	Label, EndLabel string
	At, End         float64
	Color           color.Color // nil: gray
	Fill            Fill
	Right           bool
}

// A Chart is what is drawn. It is not safe for concurrent use.
type Chart struct {
	Width, Height        int // pixels, 1 to MaxSize
	Title                string
	View                 View
	Start, End           time.Time
	Zone                 *time.Location // of the times; nil: UTC
	Stacked              bool
	Legend               Legend
	Left, Right          Axis
	Lines                []Line
	Horizontal, Vertical []Annotation
}

// MaxSize is the largest width and height.
const MaxSize = 2000

// ErrSize is a width or a height that is out of range.
var ErrSize = errors.New("chart: width and height must be 1 to 2000")

// PNG draws the chart.
func (c *Chart) PNG() ([]byte, error) {
	if c.Width < 1 || c.Width > MaxSize || c.Height < 1 || c.Height > MaxSize {
		return nil, ErrSize
	}
	cv, err := newCanvas(c.Width, c.Height)
	if err != nil {
		return nil, err
	}
	defer cv.close()
	body := rect{0, 0, float64(c.Width), float64(c.Height)}.shrink(margin)
	if c.Title != "" {
		cv.text(cv.bold, ink, body.x, body.y, body.w(), alignLeft, c.Title)
		body.y += cv.lineHeight(cv.bold) + gap
	}
	if c.View == SingleValue {
		c.drawValues(cv, body)
	} else {
		c.drawLines(cv, body)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, cv.image); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Spaces, in pixels.
const (
	margin = 10
	gap    = 6
)

// The colours of everything but lines.
var (
	ink   = color.RGBA{0x16, 0x19, 0x1f, 0xff}
	faint = color.RGBA{0x68, 0x70, 0x78, 0xff}
	grid  = color.RGBA{0xe4, 0xe7, 0xea, 0xff}
	white = color.RGBA{0xff, 0xff, 0xff, 0xff}
)

// palette is the colours of lines that have none: the ten of D3's category scale,
// which CloudWatch's graphs have too.
var palette = [...]color.RGBA{
	{0x1f, 0x77, 0xb4, 0xff}, {0xff, 0x7f, 0x0e, 0xff}, {0x2c, 0xa0, 0x2c, 0xff}, {0xd6, 0x27, 0x28, 0xff}, {0x94, 0x67, 0xbd, 0xff},
	{0x8c, 0x56, 0x4b, 0xff}, {0xe3, 0x77, 0xc2, 0xff}, {0x7f, 0x7f, 0x7f, 0xff}, {0xbc, 0xbd, 0x22, 0xff}, {0x17, 0xbe, 0xcf, 0xff},
}

func (c *Chart) color(i int) color.Color {
	if own := c.Lines[i].Color; own != nil {
		return own
	}
	return palette[i%len(palette)]
}

// faded is a colour that what lies under it shows through.
func faded(of color.Color, alpha uint8) color.Color {
	r, g, b, _ := of.RGBA()
	return color.NRGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), alpha}
}
