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
const FLOOR = 'C posix_spawnp';
const CPYTHON = 'CPython subprocess.run';

const node = (name: string, task: string, ballast: string, times: number): Contender => ({
  name,
  measure: nodeProgram('subprocess/in-node', [name, task, ballast, String(times)], {
    nodeFlags: ['--max-old-space-size=4096'],
  }),
});

const python = (task: string, ballast: string, times: number): Contender =>
  pythonContender(CPYTHON, 'subprocess/in_python.py', [task, ballast, String(times)]);

const ballasts: Record<string, string> = {
  none: 'a small process',
  heap: '500 MB of heap',
  buffer: 'a Buffer of 500 MB',
};

function startRows(floor: Contender): Row[] {
  return Object.entries(ballasts).flatMap(([ballast, where]) => {
    const times = 300;
    const few = ballast === 'none' ? times : 60;
    const row = (form: string, ours: string, others: Contender[]): Row => ({
      name: `true, ${form}, from ${where}`,
      unit: 'runs/s',
      better: 'higher',
      base: FLOOR,
      contenders: [node(ours, 'true', ballast, times), floor, python('true', ballast, times), ...others],
      targets: [
        { contender: ours, atLeast: 1 / 1.15 },
        { contender: ours, atLeast: 1, against: CPYTHON },
        ...others.map(({ name }) => ({ contender: ours, atLeast: 1, against: name })),
      ],
    });
    return [
      row('blocking', 'prong.runSync', [node('spawnSync', 'true', ballast, few)]),
      row(
        'awaited',
        'prong.run',
        ['spawn', 'execa', 'tinyexec'].map((name) => node(name, 'true', ballast, few)),
      ),
    ];
  });
}

function dataRows(): Row[] {
  const times = 15;
  const tasks = { capture: '10 MB captured', cat: '10 MB through cat' };
  return Object.entries(tasks).map(([task, name]) => {
    const others = ['spawnSync', 'spawn', 'execa', ...(task === 'capture' ? ['tinyexec'] : [])];
    return {
      name,
      unit: 'MB/s',
      better: 'higher',
      base: CPYTHON,
      contenders: [
        node('prong.runSync', task, 'none', times),
        node('prong.run', task, 'none', times),
        python(task, 'none', times),
        ...others.map((other) => node(other, task, 'none', times)),
      ],
      targets: ['prong.runSync', 'prong.run'].flatMap((ours) =>
        [CPYTHON, ...others].map((against) => ({ contender: ours, atLeast: 1, against })),
      ),
    };
  });
}

function blockedRows(): Row[] {
  return Object.entries(ballasts).map(([ballast, where]) => ({
    name: `the event loop kept by one start (95 of 100), from ${where}`,
    unit: 'ms',
    better: 'lower',
    base: 'spawn.start',
    contenders: [node('prong.Popen', 'blocked', ballast, 100), node('spawn.start', 'blocked', ballast, 100)],
    targets: [{ contender: 'prong.Popen', limit: 1 }],
  }));
}

export default defineSuite({
  name: 'subprocess',
  about:
    'Programs run to their end: how many per second, from processes of three sizes; how fast their output and input goes ' +
    'through; how long a start keeps the event loop.',
  setup: () => () => rmSync(directory, { recursive: true }),
  rows: () => {
    installPeers();
    const { status } = spawnSync('cc', ['-O2', '-o', floorBinary, benchSource('subprocess/floor.c')]);
    const floor: Contender =
      status === 0
        ? { name: FLOOR, measure: program([floorBinary, '300']) }
        : { name: FLOOR, missing: 'no C compiler' };
    return [...startRows(floor), ...dataRows(), ...blockedRows()];
  },
});
