import { defineSuite, nodeProgram, pythonContender, type Row } from '../harness/suite.js';

function row(name: string, what: string, limit: number): Row {
  return {
    name: `4 workers over 200 MB, after each ${name}`,
    unit: 'MB',
    better: 'lower',
    base: 'CPython Process, fork',
    rounds: 3,
    contenders: [
      { name: 'prong Process', measure: nodeProgram('memory/shared', ['prong', what]) },
      { name: 'child_process.fork', measure: nodeProgram('memory/shared', ['child_process', what]) },
      pythonContender('CPython Process, fork', 'memory/shared.py', [what]),
    ],
    targets: [{ contender: 'prong Process', limit }],
  };
}

export default defineSuite({
  name: 'memory',
  about: 'Memory of a parent and 4 workers over one structure (summed PSS: shared pages count once)',
  rows: [row('has read all of it', 'read', 260), row('has collected its garbage, too', 'collected', 450)],
});
