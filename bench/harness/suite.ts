/** What a suite imports. */
export { benchProgram, benchSource, packageRoot } from './paths.js';
export { importPeer, installPeers } from './peers.js';
export { nodeProgram, type ProgramOptions, program, python, pythonContender } from './programs.js';
export { nanosecondsPer, nanosecondsPerAsync } from './time.js';
export { type Contender, defineSuite, type Measure, type Row, type Suite, type Target } from './types.js';
