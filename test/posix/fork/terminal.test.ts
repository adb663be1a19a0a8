import { cases } from '../../fixtures/fork/terminal.js';
import { testCases } from '../../helpers/lines.js';

testCases('./terminal.js', cases);
