package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// A report collects what was measured.
type report struct {
	rows []row
}

// A row is one figure of the agent's and of another's.
type row struct {
	what, ours, theirs, ratio, target string
}

// A figure is what was measured, and how it is written.
type figure struct {
	value float64
	text  string
}

func number(v float64, unit string) figure {
	switch {
	case v >= 1000:
		return figure{v, fmt.Sprintf("%.0f %s", v, unit)}
	case v >= 10:
		return figure{v, fmt.Sprintf("%.1f %s", v, unit)}
	default:
		return figure{v, fmt.Sprintf("%.2f %s", v, unit)}
	}
}

// add reports one figure. all are the agent's and, where there is one, the other's. The target is what ours is to be of
// theirs at the most, or at the least where it is above 1; 0 is none.
func (r *report) add(what string, target float64, all []figure) {
	w := row{what: what, ours: all[0].text, theirs: "-", ratio: "-", target: "-"}
	if len(all) > 1 {
		w.theirs = all[1].text
		ratio := all[0].value / all[1].value
		w.ratio = fmt.Sprintf("%.2f", ratio)
		if target > 0 {
			w.target = judged(ratio, target)
		}
	}
	r.rows = append(r.rows, w)
	fmt.Fprintln(os.Stderr, "  "+strings.Join(w.cells(), "  "))
}

func judged(ratio, target float64) string {
	held, text := ratio <= target, fmt.Sprintf("≤ %.2f", target)
	if target > 1 {
		held, text = ratio >= target, fmt.Sprintf("≥ %.0f", target)
	}
	if !held {
		return text + ", missed"
	}
	return text
}

func (w row) cells() []string { return []string{w.what, w.ours, w.theirs, w.ratio, w.target} }

// table is everything, as Markdown.
func (r *report) table() string {
	var b strings.Builder
	b.WriteString("| | agent | other | ratio | aim |\n| --- | ---: | ---: | ---: | --- |\n")
	for _, w := range r.rows {
		b.WriteString("| " + strings.Join(w.cells(), " | ") + " |\n")
	}
	return b.String()
}

// median is the middle one.
func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	return s[len(s)/2]
}
