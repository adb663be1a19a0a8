import { cases } from '../../fixtures/fork/children.js';
import { testCases } from '../../helpers/lines.js';

testCases('./children.js', cases);
