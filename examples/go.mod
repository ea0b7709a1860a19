module github.com/updraft-otel/updraft/examples

go 1.26.0
