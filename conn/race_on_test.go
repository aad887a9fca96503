//go:build race

package conn

// raceEnabled is whether the race detector is on, which allocates.
const raceEnabled = true
