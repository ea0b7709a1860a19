package timerslack

import (
	"strings"
	"testing"
)

func TestServes(t *testing.T) {
	f := func(args string, want bool) {
		t.Helper()
		if got := serves(strings.Fields(args)); got != want {
			t.Errorf("%q: %v, want %v", args, got, want)
		}
	}
	f("updraft-agent", true)
	f("/awscollector --config /etc/ecs/ecs-xray.yaml", true)
	f("updraft-agent --config=a.yaml --set b=c", true)
	f("updraft-agent xray-daemon -t 0.0.0.0:2000", true)

	f("", false)
	f("/healthcheck", false)
	f("updraft-agent healthcheck --port 1", false)
	f("updraft-agent validate --config a.yaml", false)
	f("updraft-agent --version", false)
	f("updraft-agent -h", false)
}
