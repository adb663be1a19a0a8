/** Feeding and collecting by the addon: JavaScript runs only where input comes from an iterator. */
import { Readable, type Writable } from 'node:stream';
import type { Child, Conversation } from './child.js';
import { rejectAsync, type Source } from './input.js';
import { listen, unlisten } from './loop.js';
import { native, Outcome } from './native.js';
import { type TextMode, toBytes } from './text.js';

export interface Ends {
  /** -1 where there is no pipe. */
  fds: [number, number, number];
  /** What had been read from stdout and stderr before. */
  read: [Buffer, Buffer];
  /** Where the stream of stdin still has something to write, input goes through it. */
  writer?: Writable | undefined;
}

const EMPTY = Buffer.alloc(0);

const join = (first: Buffer, second: Buffer) =>
  first.length === 0 ? second : Buffer.concat([first, second]);

export class NativeConversation implements Conversation {
  overflown = false;
  readonly #child: Child;
  readonly #id: number;
  readonly #ends: Ends;
  readonly #text: TextMode | null;
  #source: Source | undefined;
  #outputsDone: boolean;
  #pulling = false;
  #taken: [Buffer, Buffer] | undefined;
  #promise: Promise<void> | undefined;
  #settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;

  constructor(child: Child, ends: Ends, source: Source | undefined, text: TextMode | null, limit: number) {
    const [stdin, stdout, stderr] = ends.fds;
    this.#child = child;
    this.#ends = ends;
    this.#text = text;
    this.#source = source;
    this.#outputsDone = stdout < 0 && stderr < 0;
    this.#id = native!.exchangeOpen(stdin, stdout, stderr, limit);
    if (source?.kind === 'bytes') native!.exchangeFeed(this.#id, source.bytes, true);
    else if (source === undefined || stdin < 0) native!.exchangeFeed(this.#id, undefined, true);
  }

  get id(): number {
    return this.#id;
  }

  start(): Promise<void> {
    this.#promise ??= new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#child.onExit(() => this.#abandonInput());
      this.#feedWriter();
      listen(this.#id, (outcome) => this.#heard(outcome));
      this.#go();
    });
    return this.#promise;
  }

  #go(): void {
    if (this.#taken !== undefined) return;
    const outcome = native!.exchangeStart(this.#id);
    if (outcome !== null) this.#heard(outcome);
  }

  #heard(outcome: number): void {
    if (outcome === Outcome.hungry || outcome === Outcome.inputOnly) {
      this.#outputsDone ||= outcome === Outcome.inputOnly;
      if (this.#outputsDone && this.#child.returncode !== null) this.#endInput();
      else this.#pull();
      return;
    }
    this.overflown = outcome === Outcome.overflow;
    this.close();
    if (outcome === Outcome.noMemory) this.#settle?.reject(outOfMemory());
    else if (outcome === Outcome.inputLost) this.#settle?.reject(inputLost());
    else this.#settle?.resolve();
  }

  #pull(): void {
    if (this.#pulling || this.#source === undefined || this.#source.kind === 'bytes') return;
    this.#pulling = true;
    this.#next(this.#source.iterator).catch((error: unknown) => {
      // A source that was given up complains about just that.
      if (this.#source === undefined) return;
      this.close();
      this.#settle?.reject(error);
    });
  }

  async #next(iterator: Iterator<unknown> | AsyncIterator<unknown>): Promise<void> {
    let bytes: Uint8Array | undefined = EMPTY;
    while (bytes?.length === 0) {
      const { done, value } = await iterator.next();
      bytes = done ? undefined : toBytes(value, this.#text, 'a piece of input');
    }
    this.#pulling = false;
    if (this.#taken !== undefined) return;
    if (bytes === undefined) this.#source = undefined;
    native!.exchangeFeed(this.#id, bytes, bytes === undefined);
    this.#go();
  }

  /** The program has ended and closed its outputs: nobody will read what the iterator may still yield. */
  #abandonInput(): void {
    if (this.#outputsDone && this.#pulling) this.#endInput();
  }

  #endInput(): void {
    if (this.#taken !== undefined) return;
    this.#dropSource();
    native!.exchangeFeed(this.#id, undefined, true);
    this.#go();
  }

  #dropSource(): void {
    const source = this.#source;
    this.#source = undefined;
    if (source === undefined || source.kind === 'bytes') return;
    if (source.stream instanceof Readable) source.stream.destroy();
    else if (!this.#pulling || source.kind === 'async') {
      Promise.resolve(source.iterator.return?.()).catch(() => {});
    }
  }

  #feedWriter(): void {
    const { writer } = this.#ends;
    if (writer === undefined) return;
    // A program that doesn't want its input is no error.
    writer.on('error', () => {});
    const source = this.#source;
    this.#source = undefined;
    if (source === undefined) writer.end();
    else if (source.kind === 'bytes') writer.end(source.bytes);
    else Readable.from(source.stream as AsyncIterable<unknown>).pipe(writer);
  }

  runSync(timeout: number): boolean {
    rejectAsync(this.#source);
    const until = performance.now() + timeout;
    while (this.#taken === undefined) {
      const left = timeout === Number.POSITIVE_INFINITY ? -1 : Math.max(0, until - performance.now());
      const outcome = native!.exchangeRunSync(this.#id, left);
      if (outcome === Outcome.timeout) return false;
      if (outcome === Outcome.hungry && this.#source?.kind === 'sync') {
        const { done, value } = this.#source.iterator.next();
        if (done) this.#source = undefined;
        native!.exchangeFeed(
          this.#id,
          done ? undefined : toBytes(value, this.#text, 'a piece of input'),
          done === true,
        );
        continue;
      }
      this.overflown = outcome === Outcome.overflow;
      this.close();
      if (outcome === Outcome.noMemory) throw outOfMemory();
      this.#settle?.resolve();
    }
    return true;
  }

  collected(): [Buffer, Buffer] {
    const [stdout, stderr] = this.#taken ?? native!.exchangePeek(this.#id);
    const { read } = this.#ends;
    return [join(read[0], stdout), join(read[1], stderr)];
  }

  close(): void {
    if (this.#taken !== undefined) return;
    this.#taken = native!.exchangeTake(this.#id);
    unlisten(this.#id);
    this.#dropSource();
  }
}

function inputLost(): TypeError {
  const message = 'The memory of the input was transferred or resized before all of it was written';
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_STATE' });
}

function outOfMemory(): RangeError {
  return Object.assign(new RangeError("The program's output does not fit into memory"), { code: 'ENOMEM' });
}
