import { cases } from '../../fixtures/fork/signals.js';
import { testCases } from '../../helpers/lines.js';

testCases('./signals.js', cases);
