// The conversation of programme.cjs over the browsers' interface to WebSocket,
// which can neither fragment nor ping.
'use strict';

const { once } = require('node:events');
const programme = require('./programme.cjs');

// start holds the conversation once ws is open, and reports how it ended.
exports.start = (ws) => {
  ws.binaryType = 'arraybuffer';
  ws.onopen = () => run(ws);
  ws.onerror = ({ error, message }) => console.log(`failed: ${error?.cause?.message ?? error?.message ?? message}`);
  return new Promise((ended) => {
    ws.onclose = ({ code, wasClean }) => {
      console.log('closed', code, wasClean ? 'cleanly' : 'not cleanly');
      ended();
    };
  });
};

async function run(ws) {
  const echo = async (name, message) => {
    ws.send(message);
    const [{ data }] = await once(ws, 'message');
    const binary = typeof data !== 'string';
    const same = binary === (typeof message !== 'string') && Buffer.from(message).equals(Buffer.from(data));
    console.log(name, same ? 'ok' : `came back wrong: ${data.length ?? data.byteLength}, binary ${binary}`);
  };

  await echo('text', programme.text);
  await echo('empty text', '');
  await echo('binary', programme.binary);
  await echo('1 MiB text', programme.largeText);
  await echo('1 MiB binary', programme.largeBinary);
  ws.close(1000, 'done');
}
