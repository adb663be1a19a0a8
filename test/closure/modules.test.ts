import test from 'ava';
import { runNode } from '../helpers/program.js';

test('an ES module: imports, other files of the program, import.meta, import()', async (t) => {
  const { code, stdout, stderr } = await runNode('test/fixtures/closure/entry.js');
  t.is(stderr, '');
  t.is(stdout, 'started\n[11,1,["hello you","{ a: 1 }","entry.js",3]]\nhello nobody\n');
  t.is(code, 0);
});

test('CommonJS as TypeScript compiles it', async (t) => {
  const { code, stdout, stderr } = await runNode('test/fixtures/closure/common.cjs');
  t.is(stderr, '');
  t.deepEqual(JSON.parse(stdout), [3, '\n|/|true|Common', false]);
  t.is(code, 0);
});

test('an inspector that is attached already is no obstacle', async (t) => {
  const { code, stdout, stderr } = await runNode('test/fixtures/closure/common.cjs', [
    '--inspect=127.0.0.1:0',
  ]);
  t.regex(stderr, /Debugger listening/);
  t.deepEqual(JSON.parse(stdout), [3, '\n|/|true|Common', false]);
  t.is(code, 0);
});

test('source maps are honoured in a thread', async (t) => {
  const { stderr } = await runNode('test/fixtures/closure/mapped.js', ['--enable-source-maps']);
  t.regex(stderr, /Exception in thread Thread-1 \(fail\):\nError: mapped\n[\s\S]*mapped\.ts:6:9/);
});
