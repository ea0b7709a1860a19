package localaws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/chart"
)

// annotate reads the annotations of a widget into its chart.
func (w *widget) annotate(c *chart.Chart) error {
	for i, raw := range w.Annotations.Horizontal {
		a, visible, err := readAnnotation(raw, "above", "below", annotationNumber)
		if err != nil {
			return fmt.Errorf("annotations.horizontal[%d]: %w", i, err)
		}
		if visible {
			c.Horizontal = append(c.Horizontal, a)
		}
	}
	for i, raw := range w.Annotations.Vertical {
		a, visible, err := readAnnotation(raw, "after", "before", annotationTime)
		if err != nil {
			return fmt.Errorf("annotations.vertical[%d]: %w", i, err)
		}
		if visible {
			c.Vertical = append(c.Vertical, a)
		}
	}
	return nil
}

// readAnnotation reads an annotation, or an array of two that is a band. Above and
// below are the words for its two sides.
func readAnnotation(raw json.RawMessage, above, below string, value func(json.RawMessage) (float64, error)) (a chart.Annotation, visible bool, err error) {
	var ends []widgetAnnotation
	if bytes.HasPrefix(raw, []byte("[")) {
		if err := json.Unmarshal(raw, &ends); err != nil || len(ends) != 2 {
			return a, false, fmt.Errorf("a band is an array of two annotations")
		}
		a.Fill = chart.FillBand
		if a.End, err = value(ends[1].Value); err != nil {
			return a, false, err
		}
		a.EndLabel = ends[1].Label
	} else {
		ends = make([]widgetAnnotation, 1)
		if err := json.Unmarshal(raw, &ends[0]); err != nil {
			return a, false, err
		}
		switch ends[0].Fill {
		case "", "none":
		case above:
			a.Fill = chart.FillAbove
		case below:
			a.Fill = chart.FillBelow
		default:
			return a, false, fmt.Errorf("fill must be %s, %s or none, not %q", above, below, ends[0].Fill)
		}
	}
	first := &ends[0]
	if a.At, err = value(first.Value); err != nil {
		return a, false, err
	}
	if a.Color, err = widgetColor(first.Color); err != nil {
		return a, false, err
	}
	a.Label, a.Right = first.Label, first.YAxis == "right"
	return a, first.Visible == nil || *first.Visible, nil
}

func annotationNumber(raw json.RawMessage) (f float64, err error) {
	if err := json.Unmarshal(raw, &f); err != nil || string(raw) == "null" {
		return 0, fmt.Errorf("value must be a number")
	}
	return f, nil
}

func annotationTime(raw json.RawMessage) (float64, error) {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return 0, fmt.Errorf("value must be a time of ISO 8601")
	}
	t, err := widgetTime(&text, "", time.Time{})
	if err != nil {
		return 0, err
	}
	return float64(t.Unix()), nil
}
