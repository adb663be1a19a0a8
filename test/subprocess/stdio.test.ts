import {
  closeSync,
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import test from 'ava';
import { DEVNULL, PIPE, Popen, run, runSync, STDOUT } from 'prong/subprocess';
import { leavesNothing } from '../helpers/leaks.js';

const directory = mkdtempSync(join(tmpdir(), 'prong-'));
const file = join(directory, 'file');
test.after.always(() => rmSync(directory, { recursive: true }));

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

class Collect extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk;
    setImmediate(done);
  }
}

test.serial(
  'descriptors, FileHandles and files',
  leavesNothing(async (t) => {
    const fd = openSync(file, 'w');
    await run(['echo', 'fd'], { stdout: fd });
    runSync(['sh', '-c', 'echo err >&2'], { stdout: fd, stderr: STDOUT });
    closeSync(fd);
    const handle = await open(file, 'a');
    runSync(['echo', 'handle'], { stdout: handle });
    await handle.close();
    t.is(readFileSync(file, 'utf8'), 'fd\nerr\nhandle\n');
    t.throws(() => runSync('true', { stdout: handle }), { code: 'ERR_INVALID_ARG_VALUE' });
    const input = await open(file);
    t.is(runSync('cat', { stdin: input, captureOutput: true, text: true }).stdout, 'fd\nerr\nhandle\n');
    await input.close();
    t.is(
      runSync(['sh', '-c', 'cat; echo x >&2'], { stdin: DEVNULL, stderr: DEVNULL, stdout: PIPE }).stdout!
        .length,
      0,
    );
  }),
);

test.serial(
  'file streams, open or not yet, whole or in part',
  leavesNothing(async (t) => {
    const out = createWriteStream(file);
    await run(['echo', 'streamed'], { stdout: out });
    await new Promise<void>((resolve) => out.end(resolve));
    t.is(readFileSync(file, 'utf8'), 'streamed\n');
    const part = createReadStream(file, { start: 1, end: 3 });
    t.is((await run('cat', { stdin: part, captureOutput: true, text: true })).stdout, 'tre');
    const whole = createReadStream(file);
    await new Promise<unknown>((resolve) => whole.once('open', resolve));
    t.is(runSync('cat', { stdin: whole, captureOutput: true, text: true }).stdout, 'streamed\n');
    whole.destroy();
    await new Promise<void>((resolve) => whole.once('close', resolve));
  }),
);

test.serial(
  'streams without a descriptor are pumped',
  leavesNothing(async (t) => {
    const out = new Collect({ highWaterMark: 10 });
    await run(['sh', '-c', 'seq 100; echo err >&2'], { stdout: out, stderr: out });
    t.is(out.text.replace('err\n', ''), `${Array.from({ length: 100 }, (_, i) => i + 1).join('\n')}\n`);
    const again = new Popen(['sh', '-c', 'echo a; echo b >&2'], { stdout: out, stderr: STDOUT });
    t.is(again.stdout, null);
    await again.wait();
    t.true(out.text.endsWith('a\nb\n'));
    const sync = new PassThrough();
    runSync(['echo', 'sync'], { stdout: sync });
    t.is(sync.read().toString(), 'sync\n');
    const source = Readable.from(['x', 'y']);
    t.is((await run('cat', { stdin: source, captureOutput: true, text: true })).stdout, 'xy');
    const idle = new PassThrough();
    t.is((await run('true', { stdin: idle })).returncode, 0);
    t.false(idle.destroyed);
  }),
);

test.serial(
  'a destination that fails ends the program',
  leavesNothing(async (t) => {
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('full')) });
    await t.throwsAsync(run('yes', { stdout: broken }), { message: 'full' });
  }),
);

test.serial(
  'a pipeline without a shell, with SIGPIPE',
  leavesNothing(async (t) => {
    const yes = new Popen('yes', { stdout: PIPE });
    const head = new Popen(['head', '-n', '2'], { stdin: yes.stdout, stdout: PIPE });
    const wc = new Popen(['wc', '-l'], { stdin: head.stdout, stdout: PIPE, text: true });
    t.deepEqual(await wc.communicate(), ['2\n', null]);
    t.is(await head.wait(), 0);
    t.is(await yes.wait(), -13);
    const seq = new Popen(['seq', '1000000'], { stdout: PIPE });
    t.is(
      runSync(['tail', '-n', '1'], { stdin: seq.stdout, captureOutput: true, text: true }).stdout,
      '1000000\n',
    );
    t.is(await seq.wait(), 0);
  }),
);

test.serial(
  'the rest of a stream that was read from goes on into the next program',
  leavesNothing(async (t) => {
    const seq = new Popen(['seq', '100000'], { stdout: PIPE });
    const stream = seq.stdout!;
    const first = await new Promise<Buffer>((resolve) => {
      stream.once('readable', () => resolve(stream.read(2)));
    });
    t.is(first.toString(), '1\n');
    const { stdout } = await run(['wc', '-l'], { stdin: stream, captureOutput: true, text: true });
    t.is(stdout, '99999\n');
    await seq.wait();
  }),
);

test.serial(
  'lines come as they are printed',
  leavesNothing(async (t) => {
    const child = new Popen(['sh', '-c', 'while read x; do echo got $x; done; printf "no end"'], {
      stdin: PIPE,
      stdout: PIPE,
    });
    const lines: string[] = [];
    child.stdin!.write('1\n');
    for await (const line of child.stdout!.lines()) {
      lines.push(line);
      if (lines.length < 3) child.stdin!.write(`${lines.length + 1}\n`);
      else child.stdin!.end();
    }
    t.deepEqual(lines, ['got 1', 'got 2', 'got 3', 'no end']);
    t.is(await child.wait(), 0);
    const bytes = new Popen(['printf', 'a\\r\\n\\nb\\377\\n'], { stdout: PIPE });
    t.deepEqual(await collect(bytes.stdout!.lines({ encoding: 'buffer' })), [
      Buffer.from('a'),
      Buffer.alloc(0),
      Buffer.from([0x62, 0xff]),
    ]);
    await bytes.wait();
  }),
);

test.serial(
  'a line cut anywhere is whole again',
  leavesNothing(async (t) => {
    const text = 'äöü€𝄞'.repeat(20_000);
    const child = new Popen(['cat'], { input: `${text}\n${text}`, stdout: PIPE, text: true });
    t.deepEqual(await collect(child.stdout!.lines()), [text, text]);
    await child.wait();
  }),
);

test.serial(
  'a slow reader slows the program down',
  leavesNothing(async (t) => {
    const child = new Popen(['sh', '-c', 'trap "exit 0" TERM; yes & wait'], { stdout: PIPE });
    let seen = 0;
    for await (const line of child.stdout!.lines()) {
      seen += line.length;
      if (seen === 1000) await new Promise((resolve) => setTimeout(resolve, 100));
      t.true(child.stdout!.readableLength <= 2 * child.stdout!.readableHighWaterMark);
      if (seen === 2000) break;
    }
    child.killTree();
    await child.wait();
  }),
);

test.serial(
  'pipes are as large as asked for',
  leavesNothing((t) => {
    const command = ['python3', '-c', 'import fcntl; print(fcntl.fcntl(1, 1032))'];
    t.is(runSync(command, { captureOutput: true, text: true, pipesize: 131072 }).stdout, '131072\n');
  }),
);
