import { cases } from '../../fixtures/fork/descriptors.js';
import { testCases } from '../../helpers/lines.js';

testCases('./descriptors.js', cases);
