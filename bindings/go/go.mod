module github.com/lkstats/lkstats/bindings/go

go 1.24
