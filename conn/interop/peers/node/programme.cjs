// The conversation that every peer of these tests holds with an endpoint that
// echoes: each message is sent, and must come back as it was. The same list
// stands in python/programme.py, chromium/client.html and lws/echo.c.
'use strict';

const { once } = require('node:events');

const MiB = 1 << 20;

exports.text = 'Grüße, 世界 👋';
exports.binary = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
exports.fragments = ['one ', 'two — ', 'three'];
exports.largeText = 'é'.repeat(MiB / 2);
exports.largeBinary = Buffer.from(Array.from({ length: MiB }, (_, i) => (i * 7) % 251));

// run holds the conversation over ws, a WebSocket of the ws package.
exports.run = async (ws) => {
  const expect = async (name, want) => {
    const [data, binary] = await once(ws, 'message');
    const same = binary === (typeof want !== 'string') && Buffer.from(want).equals(data);
    console.log(name, same ? 'ok' : `came back wrong: ${data.length} bytes, binary ${binary}`);
  };
  const echo = (name, message) => {
    ws.send(message);
    return expect(name, message);
  };

  await echo('text', exports.text);
  await echo('empty text', '');
  await echo('binary', exports.binary);

  // A Ping between the fragments: its Pong may not wait for the message's end.
  const [first, second, third] = exports.fragments;
  ws.send(first, { fin: false });
  ws.ping('between fragments');
  const [data] = await once(ws, 'pong');
  console.log('pong', data.toString() === 'between fragments' ? 'ok' : `carries ${data}`);
  ws.send(second, { fin: false });
  ws.send(third, { fin: true });
  await expect('fragmented', exports.fragments.join(''));

  await echo('1 MiB text', exports.largeText);
  await echo('1 MiB binary', exports.largeBinary);
  ws.close(1000, 'done');
};
