// Makes the API reference in .build/reference. Fails for a public name without a doc comment and for a link that leads
// nowhere.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const { status, stdout, stderr } = spawnSync(
  process.execPath,
  [`${here}node_modules/typedoc/bin/typedoc`, '--options', `${here}typedoc.json`, '--pretty', 'false'],
  { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
);
const problems = `${stdout}${stderr}`
  .split('\n')
  .filter((line) => line.startsWith('[warning]') && !/Found \d+ errors/.test(line));
for (const line of problems) console.error(line);
if (status !== 0) console.error(stdout, stderr);
console.log(`.build/reference: ${problems.length} problems`);
process.exitCode = status !== 0 || problems.length > 0 ? 1 : 0;
