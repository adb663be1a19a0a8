/** A prefork server as a program of its own, ruled by signals, and clients that put it under load. */
import { spawn } from 'node:child_process';
import { get } from 'node:http';
import { createInterface } from 'node:readline';
import { compiled } from './program.js';

export interface Told {
  master: number;
  type: 'started' | 'ready' | 'ended' | 'hung' | 'serving' | 'finished';
  pid: number;
  port: number;
}

export class RunningMaster {
  readonly #told: Told[] = [];
  readonly #wake = new Set<() => void>();
  readonly #child;
  #closed = false;
  stderr = '';

  constructor(env: NodeJS.ProcessEnv, args: string[] = []) {
    this.#child = spawn(process.execPath, [compiled('test/fixtures/prefork/master.js'), ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#told.push(JSON.parse(line) as Told);
      this.#look();
    });
    this.#child.stderr.on('data', (chunk) => {
      this.stderr += chunk;
      this.#look();
    });
    this.#child.on('close', () => {
      this.#closed = true;
      this.#look();
    });
  }

  #look(): void {
    for (const wake of [...this.#wake]) wake();
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** The exit code, once nobody holds its output any more: it and all of its workers and successors have ended. */
  get closed(): Promise<number | null> {
    return this.until(() => this.#closed).then(() => this.#child.exitCode);
  }

  async until<T>(condition: (told: Told[]) => T | undefined | false): Promise<T> {
    for (;;) {
      const found = condition(this.#told);
      if (found !== undefined && found !== false) return found;
      if (this.#closed) throw new Error(`the master has ended: ${this.stderr}`);
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#wake.delete(wake);
          resolve();
        };
        this.#wake.add(wake);
      });
    }
  }

  /** What is told from now on, one after the other. */
  serving(master?: number): Promise<Told> {
    return this.until((told) =>
      told.find(({ type, master: by }) => type === 'serving' && (master === undefined || by !== master)),
    );
  }

  count(type: Told['type']): number {
    return this.#told.filter((each) => each.type === type).length;
  }

  atLeast(type: Told['type'], count: number): Promise<true> {
    return this.until(() => this.count(type) >= count);
  }

  signal(signal: NodeJS.Signals, pid: number = this.pid): void {
    process.kill(pid, signal);
  }
}

/** Clients that ask again and again, each over a connection of its own every time. */
export class Load {
  lost: string[] = [];
  answers = new Set<string>();
  answered = 0;
  #wake = () => {};
  #going = true;
  readonly #clients: Promise<void>[];

  constructor(port: number, clients = 3) {
    this.#clients = Array.from({ length: clients }, async () => {
      while (this.#going) await this.#ask(port);
    });
  }

  #ask(port: number): Promise<void> {
    return new Promise((resolve) => {
      const lose = (error: Error) => {
        this.lost.push(error.message);
        resolve();
      };
      get({ port, host: '127.0.0.1', agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', lose).on('end', () => {
          this.answers.add(text);
          this.answered++;
          this.#wake();
          resolve();
        });
      }).on('error', lose);
    });
  }

  async until(answered: number): Promise<void> {
    while (this.answered < answered) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async end(): Promise<void> {
    this.#going = false;
    await Promise.all(this.#clients);
  }
}
