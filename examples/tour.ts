/** `npm start`: runs every program of the notes in a process of its own, with what Python prints beside it. */
import Table from 'cli-table3';
import { type Program, programs } from './programs.js';
import { type Outcome, runExample, runPython } from './run.js';

const columns = process.stdout.columns ?? 120;
const heading = (text: string) => (process.stdout.isTTY ? `\x1b[1m${text}\x1b[0m` : text);

function show(program: Program, place: string, ours: Outcome, pythons: Outcome | undefined): void {
  const width = Math.max(30, Math.floor((columns - 3) / (pythons === undefined ? 1 : 2)) - 1);
  const table = new Table({
    head:
      pythons === undefined ? [`examples/${program.file}.ts`] : [`examples/${program.file}.ts`, 'python3'],
    colWidths: pythons === undefined ? [width] : [width, width],
    wordWrap: true,
    wrapOnWordBoundary: false,
    style: { head: [], border: [] },
  });
  const cell = ({ output, failure }: Outcome) =>
    [output.trimEnd(), ...(failure === undefined ? [] : [`(${failure})`])].join('\n');
  table.push(pythons === undefined ? [cell(ours)] : [cell(ours), cell(pythons)]);
  console.log(`\n${heading(`${place} ${program.title}`)}\n${table.toString()}`);
}

async function tour(): Promise<string[]> {
  const failed: string[] = [];
  for (const [index, program] of programs.entries()) {
    const place = `${index + 1}/${programs.length}`;
    if (process.stderr.isTTY) process.stderr.write(`${place} ${program.title} …`);
    const ours = await runExample(program.file);
    const pythons = program.python === undefined ? undefined : await runPython(program.python);
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    show(program, place, ours, pythons);
    if (ours.failure !== undefined) failed.push(`${program.file} ${ours.failure}`);
  }
  return failed;
}

const failed = await tour();
if (failed.length > 0) {
  console.error(`\n${failed.length} of ${programs.length} programs failed:\n${failed.join('\n')}`);
  process.exitCode = 1;
} else {
  console.log(`\nAll ${programs.length} programs ran.`);
}
