import { defineSuite, nodeProgram, pythonContender } from '../harness/suite.js';

const node = (name: string, contender: string) => ({
  name,
  measure: nodeProgram('process/start-join', [contender]),
});

export default defineSuite({
  name: 'process',
  about: 'A process that does nothing, from start to join, one after the other in a fresh program',
  rows: [
    {
      name: 'start + join, nothing to do',
      unit: 'ms',
      better: 'lower',
      base: 'CPython Process, fork',
      contenders: [
        node('prong Process, join', 'prong'),
        node('prong Process, joinSync', 'prong-sync'),
        node('child_process.fork', 'child_process'),
        node('new Worker', 'worker'),
        pythonContender('CPython Process, fork', 'process/start_join.py', ['fork']),
      ],
      targets: [
        { contender: 'prong Process, join', atMost: 1 },
        { contender: 'prong Process, join', against: 'child_process.fork', atMost: 1 / 40 },
        { contender: 'prong Process, join', against: 'new Worker', atMost: 1 / 14 },
      ],
    },
  ],
});
