package chart

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"sort"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// A rect is a part of the image.
type rect struct{ x, y, right, bottom float64 }

func (r rect) w() float64 { return r.right - r.x }
func (r rect) h() float64 { return r.bottom - r.y }
func (r rect) shrink(by float64) rect {
	return rect{r.x + by, r.y + by, r.right - by, r.bottom - by}
}

type point struct{ x, y float64 }

// A canvas is an image with what draws on it.
type canvas struct {
	image               *image.RGBA
	raster              *vector.Rasterizer
	regular, bold, huge font.Face
}

// Sizes of the fonts, in pixels.
const (
	regularSize = 12
	boldSize    = 14
	hugeSize    = 40
)

func newCanvas(width, height int) (*canvas, error) {
	cv := &canvas{image: image.NewRGBA(image.Rect(0, 0, width, height)), raster: vector.NewRasterizer(width, height)}
	draw.Draw(cv.image, cv.image.Bounds(), image.NewUniform(white), image.Point{}, draw.Src)
	for _, f := range []struct {
		to   *font.Face
		ttf  []byte
		size float64
	}{{&cv.regular, goregular.TTF, regularSize}, {&cv.bold, gobold.TTF, boldSize}, {&cv.huge, goregular.TTF, hugeSize}} {
		parsed, err := opentype.Parse(f.ttf)
		if err != nil {
			return nil, err
		}
		if *f.to, err = opentype.NewFace(parsed, &opentype.FaceOptions{Size: f.size, DPI: 72, Hinting: font.HintingFull}); err != nil {
			return nil, err
		}
	}
	return cv, nil
}

func (cv *canvas) close() {
	for _, f := range []font.Face{cv.regular, cv.bold, cv.huge} {
		_ = f.Close() // frees nothing but memory
	}
}

// within prepares the rasterizer for what lies around some points: it works on
// every pixel of its size, so that should be no larger than what is drawn. False:
// nothing of it is in the image.
func (cv *canvas) within(points []point, room float64) (area image.Rectangle, ok bool) {
	low, high := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, p := range points {
		low = point{min(low.x, p.x), min(low.y, p.y)}
		high = point{max(high.x, p.x), max(high.y, p.y)}
	}
	b := cv.image.Bounds()
	if !(low.x <= float64(b.Max.X)+room && low.y <= float64(b.Max.Y)+room && high.x >= -room && high.y >= -room) {
		return area, false
	}
	area = image.Rect(int(math.Floor(max(low.x-room, 0))), int(math.Floor(max(low.y-room, 0))),
		int(math.Ceil(min(high.x+room, float64(b.Max.X)))), int(math.Ceil(min(high.y+room, float64(b.Max.Y)))))
	cv.raster.Reset(area.Dx(), area.Dy())
	return area, !area.Empty()
}

// fill paints a polygon.
func (cv *canvas) fill(with color.Color, points ...point) {
	area, ok := cv.within(points, 1)
	if len(points) < 3 || !ok {
		return
	}
	x, y := float64(area.Min.X), float64(area.Min.Y)
	cv.raster.MoveTo(float32(points[0].x-x), float32(points[0].y-y))
	for _, p := range points[1:] {
		cv.raster.LineTo(float32(p.x-x), float32(p.y-y))
	}
	cv.raster.ClosePath()
	cv.raster.Draw(cv.image, area, image.NewUniform(with), image.Point{})
}

func (cv *canvas) box(with color.Color, r rect) {
	if r.w() <= 0 || r.h() <= 0 {
		return
	}
	cv.fill(with, point{r.x, r.y}, point{r.right, r.y}, point{r.right, r.bottom}, point{r.x, r.bottom})
}

// stroke draws a line through points, each part as a thin box: at the width of a
// chart's lines, corners need nothing more.
func (cv *canvas) stroke(with color.Color, width float64, points ...point) {
	area, ok := cv.within(points, width)
	if len(points) < 2 || !ok {
		return
	}
	x, y := float64(area.Min.X), float64(area.Min.Y)
	for i := 1; i < len(points); i++ {
		p, q := points[i-1], points[i]
		length := math.Hypot(q.x-p.x, q.y-p.y)
		if length == 0 {
			continue
		}
		dx, dy := (q.y-p.y)/length*width/2, (q.x-p.x)/length*width/2
		cv.raster.MoveTo(float32(p.x+dx-x), float32(p.y-dy-y))
		cv.raster.LineTo(float32(q.x+dx-x), float32(q.y-dy-y))
		cv.raster.LineTo(float32(q.x-dx-x), float32(q.y+dy-y))
		cv.raster.LineTo(float32(p.x-dx-x), float32(p.y+dy-y))
		cv.raster.ClosePath()
	}
	cv.raster.Draw(cv.image, area, image.NewUniform(with), image.Point{})
}

// across draws a level line of one pixel, down one that stands.
func (cv *canvas) across(with color.Color, from, to, y float64) {
	y = math.Floor(y)
	cv.box(with, rect{from, y, to, y + 1})
}

func (cv *canvas) down(with color.Color, x, from, to float64) {
	x = math.Floor(x)
	cv.box(with, rect{x, from, x + 1, to})
}

// dot draws a point that no line leads to.
func (cv *canvas) dot(with color.Color, at point, radius float64) {
	points := make([]point, 12)
	for i := range points {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(len(points)))
		points[i] = point{at.x + radius*cos, at.y + radius*sin}
	}
	cv.fill(with, points...)
}

// align is where in its room a text stands.
type align int

const (
	alignLeft align = iota
	alignCenter
	alignRight
)

// text writes a line of text whose top is y, cut to the room that it has.
func (cv *canvas) text(face font.Face, with color.Color, x, y, room float64, where align, text string) {
	text = cv.fit(face, text, room)
	switch width := cv.width(face, text); where {
	case alignCenter:
		x += (room - width) / 2
	case alignRight:
		x += room - width
	}
	d := font.Drawer{
		Dst: cv.image, Src: image.NewUniform(with), Face: face,
		Dot: fixed.P(int(math.Round(x)), int(math.Round(y))+face.Metrics().Ascent.Ceil()),
	}
	d.DrawString(text)
}

const ellipsis = "…"

// fit cuts a text that is too wide.
func (cv *canvas) fit(face font.Face, text string, room float64) string {
	if cv.width(face, text) <= room {
		return text
	}
	runes := []rune(text)
	// A text may be as long as a widget, and measuring one costs its length.
	n := sort.Search(len(runes), func(i int) bool { return cv.width(face, string(runes[:i+1])+ellipsis) > room })
	if n == 0 {
		return ""
	}
	return string(runes[:n]) + ellipsis
}

func (cv *canvas) width(face font.Face, text string) float64 {
	return float64(font.MeasureString(face, text)) / 64
}

func (cv *canvas) lineHeight(face font.Face) float64 {
	m := face.Metrics()
	return float64((m.Ascent + m.Descent).Ceil())
}
