// Command nethttp makes one request and nothing more: what net/http's client
// weighs.
package main

import (
	"net/http"
	"os"
)

func main() {
	r, err := http.Get(os.Args[1])
	if err != nil {
		os.Exit(1)
	}
	r.Body.Close()
}
