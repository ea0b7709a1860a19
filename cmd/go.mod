module github.com/updraft-otel/updraft/cmd

go 1.26.0
