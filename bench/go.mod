module github.com/updraft-otel/updraft/bench

go 1.26.0
