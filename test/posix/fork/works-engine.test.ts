import { cases } from '../../fixtures/fork/works/engine.js';
import { testCases } from '../../helpers/works.js';

testCases('./engine.js', cases);
