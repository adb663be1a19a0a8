import { cases } from '../../fixtures/fork/works/crypto.js';
import { testCases } from '../../helpers/works.js';

testCases('./crypto.js', cases);
