import { cases } from '../../fixtures/fork/works/processes.js';
import { testCases } from '../../helpers/works.js';

testCases('./processes.js', cases);
