import { defineSuite, installPeers, nodeProgram } from '../harness/suite.js';

const contender = (name: string, program: string, until: string) => ({
  name,
  measure: nodeProgram('daemon/start', [program, until]),
});

export default defineSuite({
  name: 'daemon',
  about: 'A small HTTP server, from the command that starts it in the background until it is at work',
  setup: () => installPeers(),
  rows: [
    {
      name: 'from the command until the server listens',
      unit: 'ms',
      better: 'lower',
      base: 'node app.js',
      contenders: [
        contender('node app.js', 'node', 'listens'),
        contender('prong start', 'prong', 'listens'),
        contender('pm2 start', 'pm2', 'listens'),
      ],
      targets: [{ contender: 'prong start', against: 'pm2 start', atMost: 1 }],
    },
    {
      name: 'from the command until the shell has its prompt',
      unit: 'ms',
      better: 'lower',
      base: 'pm2 start',
      contenders: [contender('prong start', 'prong', 'returns'), contender('pm2 start', 'pm2', 'returns')],
      targets: [{ contender: 'prong start', atMost: 1 }],
    },
  ],
});
