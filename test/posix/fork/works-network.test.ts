import { cases } from '../../fixtures/fork/works/network.js';
import { testCases } from '../../helpers/works.js';

testCases('./network.js', cases);
