package watch

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// A terminal is drawn in place.
type terminal struct {
	out    *os.File
	styled bool
}

// openTerminal returns nil where out is no terminal.
func openTerminal(out io.Writer) *terminal {
	file, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	_, plain := os.LookupEnv("NO_COLOR") // https://no-color.org
	return &terminal{out: file, styled: !plain}
}

// What a terminal obeys: ECMA-48, and xterm's second screen.
// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
const (
	secondScreen = "\x1b[?1049h"
	firstScreen  = "\x1b[?1049l"
	hideCursor   = "\x1b[?25l"
	showCursor   = "\x1b[?25h"
	home         = "\x1b[H"
	clearLine    = "\x1b[K"
	clearBelow   = "\x1b[J"
	bold         = "\x1b[1m"
	normal       = "\x1b[0m"
)

// begin takes the screen, and ends the context when q is pressed. restore gives the screen back.
func (t *terminal) begin(ctx context.Context) (_ context.Context, restore func()) {
	ctx, cancel := context.WithCancel(ctx)
	fmt.Fprint(t.out, secondScreen+hideCursor)
	in := int(os.Stdin.Fd())
	state, err := term.MakeRaw(in)
	if err == nil {
		go quitOnKey(bufio.NewReader(os.Stdin), cancel)
	}
	return ctx, func() {
		cancel()
		if state != nil {
			_ = term.Restore(in, state)
		}
		fmt.Fprint(t.out, showCursor+firstScreen)
	}
}

// quitOnKey calls quit when q or Ctrl-C is pressed. It ends with the program at the latest: a read of a terminal can't be
// called off.
func quitOnKey(keys io.ByteReader, quit func()) {
	const ctrlC = 3
	for {
		switch key, err := keys.ReadByte(); {
		case err != nil:
			return
		case key == 'q', key == 'Q', key == ctrlC:
			quit()
			return
		}
	}
}

// width is the window's, as it is at present.
func (t *terminal) width() int {
	if w, _, err := term.GetSize(int(t.out.Fd())); err == nil && w > 0 {
		return w
	}
	return plainWidth
}

// draw writes over what was there.
func (t *terminal) draw(at time.Time, f frame) error {
	height := len(f.lines) + 2
	if _, h, err := term.GetSize(int(t.out.Fd())); err == nil && h > 0 {
		height = h
	}
	_, err := io.WriteString(t.out, t.text(at, f, height))
	return err
}

// text is a frame as it is written to a window so high, with the time and the way out at its end.
func (t *terminal) text(at time.Time, f frame, height int) string {
	var b strings.Builder
	b.WriteString(home)
	room := max(1, height-2)
	for i, line := range f.lines {
		if i >= room {
			break
		}
		if t.styled && f.titles[i] {
			line = bold + line + normal
		}
		b.WriteString(line + clearLine + "\r\n")
	}
	b.WriteString(clearBelow)
	if hidden := len(f.lines) - room; hidden > 0 {
		fmt.Fprintf(&b, "%d more lines in a higher window; ", hidden)
	}
	b.WriteString(at.Format(time.TimeOnly) + ", q quits")
	return b.String()
}
