import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { handleKind, registerHandleType } from '../../sync/handle.js';
import '../../sync/dispose.js';
import { checkBoolean, checkInteger, checkString, invalidType, invalidValue } from '../../util/check.js';
import { type Mapping, native } from './native.js';

/** Which segment, and whether to make it. */
export interface SharedMemoryOptions {
  /** The name under which others find it, with or without the slash before it; made up where a new one has none. */
  name?: string | undefined;
  /** Makes a new segment; else one that is there is attached. */
  create?: boolean | undefined;
  /** Bytes of a new segment. */
  size?: number | undefined;
  /** Whether the name goes away with the program that made it, however that ends: `true` by default. */
  track?: boolean | undefined;
}

const NAME_BYTES = 4;
const NAME_MAX = 255;
const KIND = 'SharedMemory';

/** The tracker's numbers of the names that this thread made. */
const tracked = new Map<string, number>();

function checkName(name: unknown): asserts name is string {
  checkString('options.name', name);
  const bare = name.replace(/^\//, '');
  if (bare === '' || bare === '.' || bare === '..' || bare.includes('/')) {
    throw invalidValue('options.name', 'must be one word without a slash in it', name);
  }
  if (Buffer.byteLength(bare) > NAME_MAX) {
    throw invalidValue('options.name', `must not be longer than ${NAME_MAX} bytes`, name);
  }
}

function createFresh(size: number, track: boolean): { name: string; mapping: Mapping } {
  for (;;) {
    const name = `/psm_${randomBytes(NAME_BYTES).toString('hex')}`;
    try {
      return { name, mapping: native().create(name, size, track) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/**
 * Memory under a name, for every process of this machine that knows it, CPython's `multiprocessing.shared_memory` included.
 *
 *     const memory = new SharedMemory({ create: true, size: 1024 });
 *     memory.buf.write('hello');
 *     // elsewhere: new SharedMemory({ name }).buf
 *     memory.close();
 *     memory.unlink();
 *
 * The name stays until `unlink()`, or until the last process of the program that made it has ended, however it does; with
 * `{ track: false }` only `unlink()` takes it away. Attaching never does.
 *
 * @throws `EEXIST` where a new one's name is taken, `ENOENT` where there is none to attach, `EINVAL` to attach an empty one,
 * `EACCES`, `ENOSPC`, `ENOMEM`; `ENOTSUP` without the native addon
 * @see Python's `multiprocessing.shared_memory.SharedMemory`
 */
export class SharedMemory implements Disposable, AsyncDisposable {
  /** @internal The fields that survive a structured clone: such a clone is a handle. */
  readonly __prong = KIND;
  /** The name, without a slash. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  #buffer: ArrayBuffer;
  #buf: Buffer;

  constructor(options: SharedMemoryOptions) {
    if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
    const { name, create = false, size, track = true } = options;
    checkBoolean('options.create', create);
    checkBoolean('options.track', track);
    if (name !== undefined) checkName(name);
    if (size !== undefined || create) checkInteger('options.size', size, create ? 1 : 0);
    if (!create && name === undefined) {
      throw invalidValue('options.name', 'must be given unless options.create is true', name);
    }
    const path = name === undefined ? undefined : `/${name.replace(/^\//, '')}`;
    const made =
      path === undefined
        ? createFresh(size as number, track)
        : {
            name: path,
            mapping: create ? native().create(path, size as number, track) : native().attach(path),
          };
    this.name = made.name.slice(1);
    if (made.mapping.id !== 0) tracked.set(this.name, made.mapping.id);
    this.#buffer = made.mapping.buffer;
    this.#buf = Buffer.from(this.#buffer);
    this.size = this.#buf.length;
  }

  /** The memory itself, without a copy. After `close()` its length is 0. */
  get buf(): Buffer {
    return this.#buf;
  }

  /** Whether `close()` has been called. */
  get closed(): boolean {
    return this.#buf.length === 0;
  }

  /** Gives up this process' view: `buf` and everything made over it become empty. The segment stays for others. */
  close(): void {
    if (this.closed) return;
    native().detach(this.#buffer);
    // A view of a fixed length remembers where it was; nothing may come of that.
    this.#buf = Buffer.alloc(0);
    this.#buffer = new ArrayBuffer(0);
  }

  /**
   * Takes the name away: nobody can attach any more, and the memory goes with its last user.
   *
   * @throws `ENOENT` where somebody has done so already
   */
  unlink(): void {
    const id = tracked.get(this.name);
    tracked.delete(this.name);
    try {
      native().unlink(`/${this.name}`);
    } finally {
      if (id !== undefined) native().forget(id);
    }
  }

  /** Closes it, and stays with the name: `unlink()` is for one of its users to call. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** As `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** @internal */
  [inspect.custom](): string {
    return `SharedMemory { name: ${inspect(this.name)}, size: ${this.size} }`;
  }
}

Object.defineProperty(SharedMemory.prototype, handleKind, { value: KIND });
registerHandleType(KIND, {
  pack: (object) => ({ name: (object as SharedMemory).name }),
  unpack: (handle) => new SharedMemory({ name: handle.name as string }),
});
