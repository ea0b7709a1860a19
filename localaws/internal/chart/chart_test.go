package chart_test

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"testing"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/chart"
)

// dump writes the images of TestPNG into a folder, to be looked at.
var dump = flag.String("dump", "", "folder for images")

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func wave(label string, n int, f func(i int) (float64, bool)) chart.Line {
	l := chart.Line{Label: label, Period: 300}
	for i := range n {
		if v, ok := f(i); ok {
			l.Times = append(l.Times, start.Unix()+int64(i)*300)
			l.Values = append(l.Values, v)
		}
	}
	return l
}

func example() *chart.Chart {
	return &chart.Chart{
		Width: 600, Height: 400, Title: "Latency of the shop", Start: start, End: start.Add(3 * time.Hour),
		Lines: []chart.Line{
			wave("web p99", 36, func(i int) (float64, bool) { return 120 + 40*math.Sin(float64(i)/4), i < 12 || i > 15 }),
			wave("api p99", 36, func(i int) (float64, bool) { return 80 + 10*math.Cos(float64(i)/2), i != 20 && i != 22 }),
		},
	}
}

func draw(t *testing.T, name string, c *chart.Chart) image.Image {
	t.Helper()
	data, err := c.PNG()
	if err != nil {
		t.Fatal(err)
	}
	if *dump != "" {
		if err := os.WriteFile(*dump+"/"+name+".png", data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != c.Width || b.Dy() != c.Height {
		t.Errorf("%s is %v, want %d by %d", name, b, c.Width, c.Height)
	}
	return img
}

// count is how many pixels have a colour.
func count(img image.Image, of color.Color) int {
	r, g, b, _ := of.RGBA()
	n := 0
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if pr, pg, pb, _ := img.At(x, y).RGBA(); pr == r && pg == g && pb == b {
				n++
			}
		}
	}
	return n
}

var (
	blue   = color.RGBA{0x1f, 0x77, 0xb4, 0xff}
	orange = color.RGBA{0xff, 0x7f, 0x0e, 0xff}
	red    = color.RGBA{0xff, 0, 0, 0xff}
	white  = color.RGBA{0xff, 0xff, 0xff, 0xff}
)

func TestPNG(t *testing.T) {
	plain := draw(t, "lines", example())
	if count(plain, blue) < 200 || count(plain, orange) < 200 {
		t.Errorf("%d blue and %d orange pixels", count(plain, blue), count(plain, orange))
	}

	c := example()
	c.Legend = chart.LegendHidden
	if hidden := draw(t, "hidden", c); count(hidden, blue) >= count(plain, blue) {
		t.Error("the hidden legend is there")
	}

	c = example()
	c.Legend, c.Lines[1].Right, c.Lines[0].Color = chart.LegendRight, true, red
	c.Left.Label, c.Right.Label = "ms", "ms"
	two := draw(t, "axes", c)
	if count(two, red) < 200 || count(two, blue) != 0 {
		t.Errorf("%d red, %d blue pixels", count(two, red), count(two, blue))
	}

	c = example()
	c.Horizontal = []chart.Annotation{
		{Label: "too slow", At: 150, Color: red, Fill: chart.FillAbove},
		{Label: "from", EndLabel: "to", At: 100, End: 110, Fill: chart.FillBand},
	}
	c.Vertical = []chart.Annotation{{Label: "deployed", At: float64(start.Unix() + 3600), Color: red}}
	annotated := draw(t, "annotations", c)
	if count(annotated, red) < 100 || count(annotated, white) >= count(plain, white) {
		t.Errorf("%d red pixels, %d white of %d", count(annotated, red), count(annotated, white), count(plain, white))
	}

	c = example()
	c.Stacked = true
	if stacked := draw(t, "stacked", c); count(stacked, white) > count(plain, white)*2/3 {
		t.Error("no areas are filled")
	}

	c = example()
	c.View = chart.SingleValue
	c.Lines = append(c.Lines, chart.Line{Label: "nothing"})
	if values := draw(t, "values", c); count(values, blue) < 50 {
		t.Error("no number is drawn")
	}
}

// Whatever the values and however small the image: no panic, no endless loop.
func TestPNG_odd(t *testing.T) {
	low, high, bad := 1e300, -1e300, 5.0
	for _, c := range []*chart.Chart{
		{Width: 1, Height: 1},
		{Width: 20, Height: 20, Title: "cut", Lines: example().Lines, Start: start, End: start.Add(time.Hour)},
		{Width: 300, Height: 200, Lines: []chart.Line{{Label: "huge", Times: []int64{1, 2}, Values: []float64{-1e300, 1e300}}}},
		{Width: 300, Height: 200, Lines: []chart.Line{{Label: "same", Times: []int64{start.Unix()}, Values: []float64{7}}}, Start: start, End: start},
		{Width: 300, Height: 200, Left: chart.Axis{Min: &low, Max: &high}, Right: chart.Axis{Min: &bad, Max: &bad}, Lines: example().Lines},
		{Width: 300, Height: 200, Start: time.Unix(0, 0), End: start.AddDate(500, 0, 0), Lines: example().Lines},
		{Width: 200, Height: 100, View: chart.SingleValue},
		{Width: 300, Height: 200, Stacked: true, Start: start, End: start.Add(time.Hour)},
	} {
		draw(t, "odd", c)
	}
	for _, size := range []int{0, -1, chart.MaxSize + 1} {
		if _, err := (&chart.Chart{Width: size, Height: 100}).PNG(); err == nil {
			t.Errorf("width %d is taken", size)
		}
	}
}

func BenchmarkPNG(b *testing.B) {
	c := example()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.PNG(); err != nil {
			b.Fatal(err)
		}
	}
}
