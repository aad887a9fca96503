// A server on ws. At /echo it sends back what comes; at /drive it holds the
// conversation of programme.cjs with a client that echoes.
//
//   node server.cjs [CERT.pem KEY.pem]
//
// Its first line is its port.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const { WebSocketServer } = require('ws');
const programme = require('./programme.cjs');

function main(cert, key) {
  const server = cert
    ? https.createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) })
    : http.createServer();
  new WebSocketServer({ server }).on('connection', (ws, request) => {
    ws.on('error', (err) => console.log(`failed: ${err.message}`));
    ws.on('close', (code) => console.log('closed', code));
    if (request.url === '/drive') programme.run(ws);
    else ws.on('message', (data, binary) => ws.send(data, { binary }));
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
}

main(...process.argv.slice(2));
