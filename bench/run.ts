/** `npm run bench -- fork locks`: measures the suites named, or all of them. */
import { cac } from 'cac';
import { drawPlots } from './harness/plot/index.js';
import { renderSuite, writeResult } from './harness/report.js';
import { loadSuite, runSuite, suiteNames } from './harness/suites.js';

interface Flags {
  rounds: number;
  only?: string;
  list?: boolean;
  plot?: boolean;
  save: boolean;
  json?: boolean;
}

function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else process.stderr.write(`${text}\n`);
}

async function main(wanted: string[], flags: Flags): Promise<void> {
  const known = suiteNames();
  if (flags.list) {
    console.log(known.join('\n'));
    return;
  }
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`no such suite: ${unknown.join(', ')} (there are: ${known.join(', ')})`);
  }
  if (!Number.isInteger(flags.rounds) || flags.rounds < 1) {
    throw new Error('--rounds takes a whole number from 1');
  }
  if (flags.plot) {
    await drawPlots(known);
    return;
  }
  for (const name of wanted.length > 0 ? wanted : known) {
    const { rounds, only } = flags;
    const result = await runSuite(await loadSuite(name), { rounds, only, onProgress: showProgress });
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    // A part of a suite must not replace the result of the whole one.
    if (flags.save && only === undefined) {
      writeResult(result);
      await drawPlots([name]);
    }
    process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : `${renderSuite(result)}\n`);
  }
}

const cli = cac('bench');
cli
  .command('[...suites]', 'Measure the suites, interleaved with their peers')
  .option('--rounds <n>', 'How often each contender is measured', { default: 7 })
  .option('--only <text>', 'Only rows whose name contains this; the result is not saved')
  .option('--no-save', 'Leave bench/results as it is')
  .option('--json', 'Print JSON instead of tables')
  .option('--plot', 'Only draw bench/results again')
  .option('--list', 'Name the suites')
  .action(main);
cli.help();

try {
  cli.parse(process.argv, { run: false });
  await cli.runMatchedCommand();
} catch (error) {
  console.error(error instanceof Error && error.cause === undefined ? error.message : error);
  process.exitCode = 1;
}
