// Package gate has feature gates of the collector's components that ours replace, so that a command line that names one runs
// here and means the same.
package gate

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/featuregate"
)

// Register adds a gate, by the collector component's id for it. It is for package variables: --feature-gates is read before
// any component is made, and a program that the collector's builder makes has nothing but imports. Where the collector's own
// component is in the program too, the gate is that one's.
func Register(id string, stage featuregate.Stage, from, description string) *featuregate.Gate {
	return register(featuregate.GlobalRegistry(), id, stage, from, description)
}

func register(all *featuregate.Registry, id string, stage featuregate.Stage, from, description string) (gate *featuregate.Gate) {
	gate, err := all.Register(id, stage, featuregate.WithRegisterFromVersion(from), featuregate.WithRegisterDescription(description))
	if err == nil {
		return gate
	}
	if !errors.Is(err, featuregate.ErrAlreadyRegistered) {
		panic(fmt.Sprintf("internal error: gate %s: %v", id, err))
	}
	all.VisitAll(func(g *featuregate.Gate) {
		if g.ID() == id {
			gate = g
		}
	})
	return gate
}
