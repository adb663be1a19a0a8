import { cases } from '../../fixtures/fork/ipc.js';
import { testCases } from '../../helpers/lines.js';

testCases('./ipc.js', cases);
