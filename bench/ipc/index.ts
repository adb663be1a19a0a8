import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  benchSource,
  type Contender,
  defineSuite,
  nodeProgram,
  program,
  pythonContender,
  type Row,
} from '../harness/suite.js';
import { COUNTS, KINDS, type Kind, TITLES } from './messages.js';

const directory = mkdtempSync(join(tmpdir(), 'prong-bench-'));
const pipeBinary = join(directory, 'pipe');
const SIZES: Record<Kind, number> = { number: 8, string: 16, object: 1024, buffer: 1 << 20 };

const python = (what: string, task: string, ...args: string[]): Contender =>
  pythonContender(`CPython ${what}`, 'ipc/in_python.py', [task, what, ...args]);

function rateRow(kind: Kind, pairs: number, hasPipe: boolean): Row {
  const small = kind === 'number' || kind === 'string';
  const contenders: Contender[] = [
    { name: 'prong Queue', measure: nodeProgram('ipc/queue-rate', [kind, String(pairs), String(pairs)]) },
    { name: 'MessagePort', measure: nodeProgram('ipc/port-rate', [kind, String(pairs)]) },
    python('SimpleQueue', 'rate', kind, String(pairs)),
  ];
  if (pairs === 1) {
    contenders.push(
      python('Queue', 'rate', kind),
      python('Pipe', 'rate', kind),
      { name: "child_process 'json'", measure: nodeProgram('ipc/channel-rate', [kind, 'json']) },
      { name: "child_process 'advanced'", measure: nodeProgram('ipc/channel-rate', [kind, 'advanced']) },
      {
        name: 'C pipe',
        ...(hasPipe
          ? { measure: program([pipeBinary, String(SIZES[kind]), String(COUNTS[kind])]) }
          : { missing: 'no C compiler here' }),
      },
    );
  }
  return {
    name: `${TITLES[kind]}, ${pairs} to ${pairs}`,
    unit: 'messages/s',
    better: 'higher',
    base: 'MessagePort',
    contenders,
    targets: [
      { contender: 'prong Queue', atLeast: small ? 2 : 1 },
      { contender: 'prong Queue', atLeast: 5, against: 'CPython SimpleQueue' },
    ],
  };
}

function pingRows(): Row[] {
  const ours = 'prong Queue, Sync forms';
  const promises = 'prong Queue, promises';
  return [
    {
      name: 'ping-pong, both ends on one processor',
      unit: 'us',
      better: 'lower',
      base: 'MessagePort',
      contenders: [
        { name: ours, measure: nodeProgram('ipc/ping-pong', ['queue-sync']) },
        { name: promises, measure: nodeProgram('ipc/ping-pong', ['queue-promise']) },
        { name: 'MessagePort', measure: nodeProgram('ipc/ping-pong', ['port']) },
        { name: 'receiveMessageOnPort + Atomics.wait', measure: nodeProgram('ipc/ping-pong', ['wait']) },
        python('Pipe', 'ping'),
        python('SimpleQueue', 'ping'),
      ],
      targets: [
        { contender: ours, atMost: 1.05, against: 'receiveMessageOnPort + Atomics.wait' },
        { contender: promises, atMost: 1 },
      ],
    },
  ];
}

export default defineSuite({
  name: 'ipc',
  about:
    'Messages per second from writers to readers in other processes (MessagePort: in other threads, a port for each pair), and the time of one there and back.',
  setup: () => () => rmSync(directory, { recursive: true, force: true }),
  rows() {
    const { status } = spawnSync(process.env.CC ?? 'cc', [
      '-O2',
      '-o',
      pipeBinary,
      benchSource('ipc/pipe.c'),
    ]);
    return [
      ...[1, 4].flatMap((pairs) => KINDS.map((kind) => rateRow(kind, pairs, status === 0))),
      ...pingRows(),
    ];
  },
});
