module github.com/lkstats/lkstats/bindings/go/examples/relay

go 1.24

require (
	github.com/gorilla/websocket v1.5.3
	github.com/lkstats/lkstats/bindings/go v0.0.0
)

replace github.com/lkstats/lkstats/bindings/go => ../..
