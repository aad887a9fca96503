package conn

// RaceEnabled is whether the race detector is on, which allocates.
const RaceEnabled = raceEnabled
