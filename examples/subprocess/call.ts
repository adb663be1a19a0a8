// The notes' first subprocess program: run a command, look at its exit code.
import { call } from 'prong/subprocess';

const code = await call('ls');
console.log('Exit code:', code); // 0 means success
