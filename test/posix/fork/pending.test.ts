import { cases } from '../../fixtures/fork/pending.js';
import { testCases } from '../../helpers/lines.js';

testCases('./pending.js', cases);
