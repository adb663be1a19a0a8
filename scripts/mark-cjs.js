// dist/ holds CommonJS: one instance of every class, whether it is imported or required.
import { writeFileSync } from 'node:fs';

writeFileSync(new URL('../dist/package.json', import.meta.url), '{ "type": "commonjs" }\n');
