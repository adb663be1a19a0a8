import { cases } from '../../fixtures/fork/identity.js';
import { testCases } from '../../helpers/lines.js';

testCases('./identity.js', cases);
