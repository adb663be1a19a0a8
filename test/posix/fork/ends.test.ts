import { cases } from '../../fixtures/fork/ends.js';
import { testCases } from '../../helpers/lines.js';

testCases('./ends.js', cases);
