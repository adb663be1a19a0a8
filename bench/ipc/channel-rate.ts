/** `channel-rate <kind> <json|advanced>`: messages per second through the IPC channel of child_process.fork. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { COUNTS, type Kind, messageOf } from './messages.js';

const kind = process.argv[2] as Kind;
const serialization = process.argv[3] as 'json' | 'advanced';
const count = kind === 'buffer' ? 40 : Math.floor(COUNTS[kind] / 8);

if (process.send === undefined) {
  const child = fork(fileURLToPath(import.meta.url), [kind, serialization], { serialization });
  let got = 0;
  let start = 0n;
  child.on('message', () => {
    if (got++ === 0) {
      start = process.hrtime.bigint();
      child.send('go');
    } else if (got === count + 1) {
      console.log(count / (Number(process.hrtime.bigint() - start) / 1e9));
      child.disconnect();
    }
  });
} else {
  const send = process.send.bind(process);
  process.once('message', async () => {
    const message = messageOf(kind);
    for (let n = 0; n < count; n++) {
      if (!send(message)) await new Promise(setImmediate);
    }
  });
  send('ready');
}
