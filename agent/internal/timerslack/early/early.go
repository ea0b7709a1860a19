// Package early calls [timerslack.Widen] when it is initialised. Only the program imports it, and only for that.
//
// Initialising the agent's packages takes 30 to 70 ms, which would be spent twice if main executed the program again.
// Packages are initialised in the order of their paths as soon as those they import are, so the less this one imports the
// earlier it is its turn: with syscall alone it is the twenty-second of some five hundred.
package early

import "github.com/updraft-otel/updraft/agent/internal/timerslack"

func init() { //nolint:gochecknoinits // before the others'
	timerslack.Widen()
}
