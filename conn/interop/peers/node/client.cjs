// A client on ws: holds the conversation of programme.cjs with an echo server.
//
//   node client.cjs URL [ROOT.pem]
'use strict';

const fs = require('node:fs');
const WebSocket = require('ws');
const programme = require('./programme.cjs');

function main(url, root) {
  const ws = new WebSocket(url, root ? { ca: fs.readFileSync(root) } : {});
  ws.on('open', () => programme.run(ws));
  ws.on('close', (code) => console.log('closed', code));
  ws.on('error', (err) => console.log(`failed: ${err.code ?? ''} ${err.message}`));
}

main(...process.argv.slice(2));
