import { cases } from '../../fixtures/fork/works/code.js';
import { testCases } from '../../helpers/works.js';

testCases('./code.js', cases);
