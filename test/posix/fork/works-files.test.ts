import { cases } from '../../fixtures/fork/works/files.js';
import { testCases } from '../../helpers/works.js';

testCases('./files.js', cases);
