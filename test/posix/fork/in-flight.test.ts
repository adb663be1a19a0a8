import { cases } from '../../fixtures/fork/in-flight.js';
import { testCases } from '../../helpers/lines.js';

testCases('./in-flight.js', cases);
