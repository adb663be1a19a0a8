import { cases } from '../../fixtures/fork/memory.js';
import { testCases } from '../../helpers/lines.js';

testCases('./memory.js', cases);
