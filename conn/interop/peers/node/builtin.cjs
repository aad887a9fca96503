// A client on the WebSocket that the runtime itself has: of Node (an undici of
// its own), Bun or Deno.
//
//   node --experimental-websocket builtin.cjs URL [SUBPROTOCOL]...
//   bun builtin.cjs URL [SUBPROTOCOL]...
//   deno run --allow-net --allow-read builtin.cjs URL [SUBPROTOCOL]...
//
// It has no option for a root of its own: NODE_EXTRA_CA_CERTS (Node, Bun) or
// DENO_CERT name the file.
'use strict';

const browser = require('./browser.cjs');

const [url, ...subprotocols] = process.argv.slice(2);
browser.start(new WebSocket(url, subprotocols));
