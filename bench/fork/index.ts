import {
  type Contender,
  defineSuite,
  nodeProgram,
  pythonContender,
  type Row,
  type Target,
} from '../harness/suite.js';
import { buildFloor } from './floor.js';

const nodeFlags = ['--max-old-space-size=4096'];

function latency(megabytes: number, what: 'return' | 'whole'): Row {
  const node = (name: string, contender: string): Contender => ({
    name,
    measure: nodeProgram('fork/latency', [contender, String(megabytes), what], { nodeFlags }),
  });
  const contenders = [
    node('floor (C)', 'floor'),
    node('prong', 'prong'),
    pythonContender('CPython os.fork', 'fork/latency.py', [String(megabytes), what]),
  ];
  const targets: Target[] = [
    megabytes < 350 ? { contender: 'prong', within: 0.5 } : { contender: 'prong', atMost: 1.15 },
  ];
  if (what === 'whole') {
    contenders.push(node('child_process.fork', 'child_process'), node('new Worker', 'worker'));
    if (megabytes < 350) targets.push({ contender: 'prong', against: 'child_process.fork', atMost: 1 / 50 });
  }
  const name =
    what === 'return'
      ? `fork() to the parent's return, ${megabytes} MB`
      : `fork + _exit + wait, ${megabytes} MB`;
  return { name, unit: 'ms', better: 'lower', base: 'floor (C)', contenders, targets };
}

export default defineSuite({
  name: 'fork',
  about: 'fork() against the least it can cost here, CPython, and what Node has',
  setup: buildFloor,
  rows: [
    ...[60, 350, 1024].flatMap((megabytes) => [latency(megabytes, 'return'), latency(megabytes, 'whole')]),
    {
      name: 'spawnSync of true in a process with 500 MB of heap',
      unit: 'ms',
      better: 'lower',
      base: 'without a fork',
      contenders: [
        { name: 'without a fork', measure: nodeProgram('fork/spawn-after', ['0'], { nodeFlags }) },
        { name: 'after ten forks', measure: nodeProgram('fork/spawn-after', ['10'], { nodeFlags }) },
      ],
      targets: [{ contender: 'after ten forks', atMost: 1.1 }],
    },
    {
      name: 'private memory of a child that has read 200 MB of heap',
      unit: 'MB',
      better: 'lower',
      base: 'CPython os.fork',
      contenders: [
        { name: 'prong', measure: nodeProgram('fork/private', ['plain']) },
        { name: 'prong after warmup()', measure: nodeProgram('fork/private', ['warmup']) },
        pythonContender('CPython os.fork', 'fork/private.py'),
      ],
      targets: [
        { contender: 'prong', limit: 40 },
        { contender: 'prong after warmup()', limit: 40 },
      ],
    },
  ],
});
