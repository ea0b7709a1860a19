module github.com/updraft-otel/updraft/localaws

go 1.26.0
