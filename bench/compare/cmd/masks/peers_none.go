//go:build !peers

package main

// peers are only in a build by `compare mask`.
var peers map[string]loop
