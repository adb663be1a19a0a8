import { defineSuite, installPeers, nodeProgram } from '../harness/suite.js';

const LOADED = '200';

const measure = (name: string, ...args: string[]) => ({
  name,
  measure: nodeProgram('prefork/measure', args),
});

export default defineSuite({
  name: 'prefork',
  about: '4 workers of an HTTP server, by prong/prefork and by node:cluster',
  setup: () => installPeers(),
  rows: [
    {
      name: 'from the birth of the master to 4 ready workers, 200 MB loaded',
      unit: 'ms',
      better: 'lower',
      base: 'one load',
      contenders: [
        measure('one load', 'time', 'load', LOADED),
        measure('prong', 'time', 'prong', LOADED),
        measure('node:cluster', 'time', 'cluster', LOADED),
      ],
      targets: [{ contender: 'prong', within: 50 }],
    },
    {
      name: 'summed PSS of the master and 4 ready workers, 200 MB loaded',
      unit: 'MB',
      better: 'lower',
      base: 'node:cluster',
      contenders: [
        measure('prong', 'memory', 'prong', LOADED),
        measure('node:cluster', 'memory', 'cluster', LOADED),
      ],
      targets: [{ contender: 'prong', limit: 260 }],
    },
    {
      name: 'requests per second, 32 connections',
      unit: 'requests/s',
      better: 'higher',
      base: 'node:cluster',
      contenders: [measure('prong', 'rate', 'prong'), measure('node:cluster', 'rate', 'cluster')],
      targets: [{ contender: 'prong', atLeast: 1 }],
    },
    {
      name: 'requests lost under load',
      unit: 'requests',
      better: 'lower',
      base: 'rolling reload',
      contenders: [
        { name: 'rolling reload', measure: nodeProgram('prefork/lost', ['reload']) },
        { name: 'upgrade', measure: nodeProgram('prefork/lost', ['upgrade']) },
      ],
      targets: [
        { contender: 'rolling reload', limit: 0 },
        { contender: 'upgrade', limit: 0 },
      ],
    },
  ],
});
