import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  benchSource,
  type Contender,
  defineSuite,
  installPeers,
  nodeProgram,
  program,
  pythonContender,
  type Row,
} from '../harness/suite.js';

const directory = mkdtempSync(join(tmpdir(), 'prong-bench-'));
const floorBinary = join(directory, 'floor');

const node = (name: string, task: string, what: string): Contender => ({
  name,
  measure: nodeProgram('locks/in-node', [task, what]),
});
const python = (name: string, task: string, what: string): Contender =>
  pythonContender(name, 'locks/in_python.py', [task, what]);

function rows(hasFloor: boolean): Row[] {
  const floor = (task: string): Contender => ({
    name: 'C pthread mutex',
    ...(hasFloor ? { measure: program([floorBinary, task]) } : { missing: 'no C compiler here' }),
  });
  return [
    ...['Lock', 'RLock'].map((kind): Row => {
      const ours = `prong ${kind}`;
      const theirs = `CPython multiprocessing.${kind}`;
      const threads = `CPython threading.${kind}`;
      return {
        name: `${kind}: acquire + release, nobody else wants it`,
        unit: 'ns',
        better: 'lower',
        base: theirs,
        contenders: [
          node(ours, 'uncontended', kind),
          python(theirs, 'uncontended', `multiprocessing.${kind}`),
          python(threads, 'uncontended', `threading.${kind}`),
          node('async-mutex', 'awaited', 'async-mutex'),
          node('Atomics by hand', 'uncontended', 'atomics'),
          floor('uncontended'),
        ],
        targets: [
          { contender: ours, atMost: 1 },
          { contender: ours, atMost: 0.5, against: threads },
          { contender: ours, atMost: 0.1, against: 'async-mutex' },
        ],
      };
    }),
    {
      name: 'await acquire() + release, nobody else wants it',
      unit: 'ns',
      better: 'lower',
      base: 'async-mutex',
      contenders: [
        node('prong Lock', 'awaited', 'Lock'),
        node('prong RLock', 'awaited', 'RLock'),
        node('async-mutex', 'awaited', 'async-mutex'),
      ],
      targets: [{ contender: 'prong Lock', atMost: 1 }],
    },
    ...['processes', 'threads'].map(
      (who): Row => ({
        name: `a counter shared by two ${who}`,
        unit: 'ops/s',
        better: 'higher',
        base: 'CPython',
        contenders: [
          node('prong Lock', 'contended', who),
          python('CPython', 'contended', who),
          ...(who === 'processes' ? [floor('contended')] : []),
        ],
        targets: [{ contender: 'prong Lock', atLeast: 3 }],
      }),
    ),
    ...['Semaphore', 'Event', 'Condition'].map(
      (kind): Row => ({
        name: `${kind}: from one process waking to the other going on`,
        unit: 'us',
        better: 'lower',
        base: 'CPython',
        contenders: [node('prong', 'latency', kind), python('CPython', 'latency', kind)],
        targets: [{ contender: 'prong', atMost: 1 }],
      }),
    ),
  ];
}

export default defineSuite({
  name: 'locks',
  about:
    'The cost of locks that nobody else wants, the rate of two who do, and how soon a waiter in another process goes on.',
  async setup() {
    await installPeers();
    return () => rmSync(directory, { recursive: true, force: true });
  },
  rows() {
    const { status } = spawnSync(process.env.CC ?? 'cc', [
      ...['-O2', '-o', floorBinary, benchSource('locks/floor.c'), '-lpthread'],
    ]);
    return rows(status === 0);
  },
});
