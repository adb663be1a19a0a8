/** What the tests of connections share. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { source } from './program.js';

export interface Peer {
  /** The next line it prints. */
  line(): Promise<string>;
  /** Its exit code, and what it wrote to stderr. */
  /** Writes a line to it. */
  tell(line: string): void;
  ended: Promise<{ code: number | null; stderr: string }>;
}

/** Starts a fixture program in Python. */
export function python(path: string, args: string[]): Peer {
  const child = spawn('python3', [source(path), ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stderr }));
  });
  return {
    async line() {
      const { value, done } = await lines.next();
      if (done) throw new Error(`the program has ended: ${(await ended).stderr}`);
      return value as string;
    },
    tell: (line) => void child.stdin.write(`${line}\n`),
    ended,
  };
}
