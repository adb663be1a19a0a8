import { inspect } from 'node:util';
import test from 'ava';
import { Process } from 'prong/multiprocessing';
import { Thread } from 'prong/threading';

test('a printed process says its name, pid and end', async (t) => {
  const process = new Process({ target: () => globalThis.process.exit(3), name: 'worker' });
  t.is(inspect(process), "Process { name: 'worker', not started }");
  process.start();
  t.is(inspect(process), `Process { name: 'worker', pid: ${process.pid}, running }`);
  await process.join();
  t.is(inspect(process), `Process { name: 'worker', pid: ${process.pid}, exitcode: 3 }`);
  process.close();
  t.is(inspect(process), "Process { name: 'worker', closed }");
});

test('a printed thread says its name and whether it runs', async (t) => {
  const thread = new Thread({ target: () => 1, name: 'helper' });
  t.is(inspect(thread), "Thread { name: 'helper', not started }");
  await thread.start();
  await thread.join();
  t.is(inspect(thread), "Thread { name: 'helper', ended }");
});
