// A client on undici's WebSocket.
//
//   node undici.cjs URL [ROOT.pem]
'use strict';

const fs = require('node:fs');
const { Agent, WebSocket } = require('undici');
const browser = require('./browser.cjs');

async function main(url, root) {
  const dispatcher = new Agent(root ? { connect: { ca: fs.readFileSync(root) } } : {});
  await browser.start(new WebSocket(url, { dispatcher }));
  dispatcher.destroy();
}

main(...process.argv.slice(2));
