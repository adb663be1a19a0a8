import {
  type Contender,
  defineSuite,
  installPeers,
  nodeProgram,
  pythonContender,
  type Row,
} from '../harness/suite.js';

type Task = 'map' | 'single' | 'spin' | 'large' | 'strings' | 'numbers';
type Part = 'warm' | 'whole';

const TITLES: Record<Task, string> = {
  map: '10,000 tiny tasks through map',
  single: '10,000 tiny tasks, each by itself',
  spin: '64 tasks of 5 ms',
  large: '32 results of 4 MB',
  strings: '200 looks at 100 MB of strings',
  numbers: '200 looks at 100 MB of numbers',
};
const PEERS = ['piscina', 'tinypool', 'workerpool', 'poolifier'];
const SHARED = 'piscina, SharedArrayBuffer';
const MOVED = 'piscina, results moved by hand';
const CHUNKS = 'piscina, 8 chunks by hand';

function contenders(task: Task, part: Part): Contender[] {
  const node = (name: string, argument = name): Contender => ({
    name,
    measure: nodeProgram('pool/in-node', [argument, task, part]),
  });
  const python = (name: string, kind: string): Contender =>
    pythonContender(name, 'pool/in_python.py', [kind, task, part]);
  const all = [
    node('prong'),
    ...PEERS.map((name) => node(name)),
    python('CPython Pool', 'pool'),
    python('CPython ProcessPoolExecutor', 'executor'),
  ];
  if (task === 'map') all.push(node(CHUNKS, 'chunks'));
  if (task === 'large') all.push(node(MOVED, 'moved'));
  if (task === 'numbers') all.push(node(SHARED, 'shared'));
  if (task === 'spin') all.push(node('one after the other', 'serial'));
  return all;
}

function row(task: Task, part: Part): Row {
  const all = contenders(task, part);
  const others = all.filter(({ name, missing }) => name !== 'prong' && missing === undefined);
  const targets: Row['targets'] =
    part === 'whole' && task !== 'large'
      ? others.map(({ name }) => ({ contender: 'prong', against: name, atMost: 1 }))
      : [];
  if (task === 'single') targets.push({ contender: 'prong', against: 'poolifier', atMost: 1 / 3 });
  if (task === 'spin' && part === 'warm') {
    targets.push({ contender: 'prong', against: 'one after the other', atMost: 1 / 1.9 });
  }
  if (part === 'whole' && (task === 'strings' || task === 'numbers')) {
    for (const name of PEERS) targets.push({ contender: 'prong', against: name, atMost: 1 / 3 });
  }
  return {
    name: `${TITLES[task]}, ${part === 'warm' ? 'the pool at work already' : 'from creation to join'}`,
    unit: 'ms',
    better: 'lower',
    base: 'prong',
    contenders: all,
    targets,
  };
}

export default defineSuite({
  name: 'pool',
  about:
    'Pools of 2 workers in a fresh program that has made one before; prong and CPython fork, the others use worker threads ' +
    'and are handed the 100 MB as workerData',
  setup: () => installPeers(),
  rows: () =>
    (['map', 'single', 'spin', 'large', 'strings', 'numbers'] as const).flatMap((task) => [
      ...(task === 'strings' || task === 'numbers' ? [] : [row(task, 'warm')]),
      row(task, 'whole'),
    ]),
});
