import { cases } from '../../fixtures/fork/limits.js';
import { testCases } from '../../helpers/lines.js';

testCases('./limits.js', cases);
