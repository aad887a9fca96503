//go:build purego || !(amd64 || arm64)

package frame

func vectorLoops() []loop { return nil }

func withoutVector(f func()) { f() }
