/** `queue-rate <kind> <writers> <readers>`: messages per second through one Queue between processes. */
import { Queue } from 'prong';
import { _exit, fork, waitpidSync } from 'prong/posix';
import { COUNTS, type Kind, LARGE_UNDER_WAY, messageOf } from './messages.js';

const kind = process.argv[2] as Kind;
const [writers, readers] = process.argv.slice(3).map(Number) as [number, number];
const each = Math.floor(COUNTS[kind] / writers);
// No contender gets to pile up gigabytes: this many large messages are under way at most.
const queue = new Queue<unknown>({ maxsize: kind === 'buffer' ? LARGE_UNDER_WAY : 0 });
const ready = new Queue<number>();
const go = new Queue<number>();
const done = new Queue<number>();

function child(body: () => void): void {
  if (fork() !== 0) return;
  ready.putSync(1);
  go.getSync();
  body();
  _exit(0);
}

for (let n = 0; n < writers; n++) {
  child(() => {
    const message = messageOf(kind);
    for (let k = 0; k < each; k++) {
      queue.putSync(message);
    }
  });
}
for (let n = 0; n < readers; n++) {
  child(() => {
    let count = 0;
    while (queue.getSync() !== null) count++;
    done.putSync(count);
  });
}
for (let n = 0; n < writers + readers; n++) ready.getSync();
const start = process.hrtime.bigint();
for (let n = 0; n < writers + readers; n++) go.putSync(1);
for (let n = 0; n < writers; n++) waitpidSync(-1);
for (let n = 0; n < readers; n++) queue.putSync(null);
let total = 0;
for (let n = 0; n < readers; n++) total += done.getSync();
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
for (let n = 0; n < readers; n++) waitpidSync(-1);
if (total !== each * writers) throw new Error(`${total} of ${each * writers} messages came`);
console.log(total / seconds);
