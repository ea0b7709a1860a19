// Package console holds the built web console of the local AWS.
//
// Its sources are TypeScript in src; "go run ./console/build", run in the module's
// folder, bundles them into dist, which is committed so that the binary needs no
// Node to be built. The console only reads: everything it shows comes from the
// server's /console/api/, and no request of it leaves the machine.
package console

import (
	"embed"
	"io/fs"
)

//go:embed dist
var dist embed.FS

// Assets is the built console: index.html and the files it loads, whose names
// carry a hash of their content.
func Assets() fs.FS {
	assets, err := fs.Sub(dist, "dist")
	if err != nil {
		return dist // "dist" is a valid path, so this cannot be
	}
	return assets
}
