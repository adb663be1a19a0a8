import { cases } from '../../fixtures/fork/works/system.js';
import { testCases } from '../../helpers/works.js';

testCases('./system.js', cases);
