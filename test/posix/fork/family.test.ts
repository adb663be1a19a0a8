import { cases } from '../../fixtures/fork/family.js';
import { testCases } from '../../helpers/lines.js';

testCases('./family.js', cases);
