//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// unexported lists the peers whose masking function has no exported name, with
// the source that gives it one from inside their package. It joins a copy of
// theirs that lasts as long as the build; none of their source joins ours.
var unexported = []struct{ module, dir, source string }{
	{"github.com/coder/websocket", "", `package websocket

func ExportedMask(b []byte, key uint32) { mask(b, key) }
`},
	{"github.com/gorilla/websocket", "", `package websocket

func ExportedMask(key [4]byte, pos int, b []byte) { maskBytes(key, pos, b) }
`},
	{"github.com/lesismal/nbio", "nbhttp/websocket", `package websocket

func ExportedMask(b, key []byte) { maskXOR(b, key) }
`},
	{"github.com/lxzan/gws", "", `package gws

import "github.com/lxzan/gws/internal"

func ExportedMask(b, key []byte) { internal.MaskXOR(b, key) }
`},
}

// buildMasks builds cmd/masks of the module in dir with the peers' masks in
// it, without assembly too (under true), and notes the peers' versions in the
// report.
func buildMasks(dir string, r *report) (program map[bool]string, err error) {
	tmp, err := os.MkdirTemp("", "compare-mask-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	modfile, err := copyPeers(dir, tmp, r)
	if err != nil {
		return nil, err
	}
	program = make(map[bool]string)
	for purego, flags := range map[bool][2]string{false: {"masks", "peers"}, true: {"masks-purego", "peers,purego"}} {
		// Without -trimpath, the names of the copies would be part of what is
		// compiled, and the next time nothing would be found in the build cache.
		program[purego], err = build(dir, flags[0], "./cmd/masks", "-modfile="+modfile, "-tags="+flags[1], "-trimpath")
		if err != nil {
			return nil, err
		}
	}
	return program, nil
}

// copyPeers puts the copies into tmp, with a go.mod beside them that is the
// one in dir and replaces the peers by the copies.
func copyPeers(dir, tmp string, r *report) (modfile string, err error) {
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return "", err
	}
	for i, u := range unexported {
		source, version, err := download(dir, u.module)
		if err != nil {
			return "", err
		}
		r.Modules[u.module] = version
		to := filepath.Join(tmp, strconv.Itoa(i))
		if err := os.CopyFS(to, os.DirFS(source)); err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(to, u.dir, "exported_mask.go"), []byte(u.source), 0o666); err != nil {
			return "", err
		}
		mod = fmt.Appendf(mod, "replace %s => %q\n", u.module, to)
	}
	sum, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(tmp, "go.sum"), sum, 0o666); err != nil {
		return "", err
	}
	modfile = filepath.Join(tmp, "go.mod")
	return modfile, os.WriteFile(modfile, mod, 0o666)
}

// download returns the folder of a module in the module cache, and the version
// that the module in dir requires.
func download(dir, module string) (folder, version string, err error) {
	cmd := exec.Command("go", "mod", "download", "-json", module)
	cmd.Dir = dir
	out, err := cmd.Output()
	var m struct{ Dir, Version, Error string }
	if json.Unmarshal(out, &m) == nil && m.Error != "" {
		return "", "", fmt.Errorf("%s: %s", cmd, m.Error)
	}
	if err != nil || m.Dir == "" {
		return "", "", fmt.Errorf("%s: %w", cmd, err)
	}
	return m.Dir, m.Version, nil
}
