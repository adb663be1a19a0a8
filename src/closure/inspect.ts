/** Looks into functions of this very thread through the inspector: variables, place, what a bound function binds. */
import { Session } from 'node:inspector';

export interface Scope {
  /** 'Closure (name)', 'Module', 'Block', 'Script', 'With Block', 'Global', ... */
  description: string;
  /** The variables by name; reading one that isn't initialised yet may throw. */
  object: Record<string, unknown>;
}

export interface FunctionInside {
  /** Innermost first, the global scope left out. */
  scopes: Scope[];
  scriptId?: string;
  line: number;
  column: number;
  bound?: { target: (...args: never[]) => unknown; self: unknown; args: unknown[] };
}

interface RemoteObject {
  objectId?: string;
  description?: string;
  value?: unknown;
}

interface InternalProperty {
  name: string;
  value?: RemoteObject;
}

export interface ScriptParsed {
  scriptId: string;
  url: string;
  isModule?: boolean;
}

const GROUP = 'prong';
const MAILBOX = Symbol('prong.closure');

/** One connection to this thread's inspector; close it when the capture is over. */
export class Inspector {
  readonly #session = new Session();
  /** What the inspector hands over: it speaks of objects by number, and this is where they are put to be seen. */
  readonly #box: { fn?: unknown; out?: unknown } = {};
  readonly #boxId: string;

  constructor() {
    this.#session.connect();
    Object.defineProperty(globalThis, MAILBOX, { value: this.#box, configurable: true });
    try {
      // The symbol is not registered, so nothing but its description finds it.
      const found = this.#post<{ result: RemoteObject }>('Runtime.evaluate', {
        expression: `globalThis[Object.getOwnPropertySymbols(globalThis).find((s) => s.description === '${MAILBOX.description}')]`,
        silent: true,
      });
      this.#boxId = found.result.objectId as string;
    } finally {
      delete (globalThis as Record<symbol, unknown>)[MAILBOX];
    }
  }

  close(): void {
    this.#session.disconnect();
  }

  /** In-process, the answer is there when `post` returns. */
  #post<T>(method: string, params?: object): T {
    let failed: unknown;
    let result: unknown;
    this.#session.post(method, params, (error: Error | null, value?: object) => {
      failed = error;
      result = value;
    });
    if (failed)
      throw Object.assign(new Error(`inspector: ${method}: ${(failed as Error).message}`), { cause: failed });
    return result as T;
  }

  #take(objectId: string): unknown {
    this.#post('Runtime.callFunctionOn', {
      objectId: this.#boxId,
      functionDeclaration: 'function (value) { this.out = value; }',
      arguments: [{ objectId }],
      silent: true,
    });
    const { out } = this.#box;
    this.#box.out = undefined;
    return out;
  }

  #value(remote: RemoteObject | undefined): unknown {
    return remote?.objectId === undefined ? remote?.value : this.#take(remote.objectId);
  }

  inspect(fn: unknown): FunctionInside {
    this.#box.fn = fn;
    try {
      const { result } = this.#post<{ result: RemoteObject }>('Runtime.callFunctionOn', {
        objectId: this.#boxId,
        functionDeclaration: 'function () { return this.fn; }',
        objectGroup: GROUP,
        silent: true,
      });
      const { internalProperties = [] } = this.#post<{ internalProperties?: InternalProperty[] }>(
        'Runtime.getProperties',
        { objectId: result.objectId, ownProperties: true, nonIndexedPropertiesOnly: true },
      );
      return this.#read(new Map(internalProperties.map(({ name, value }) => [name, value])));
    } finally {
      this.#box.fn = undefined;
      this.#post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
    }
  }

  #read(internals: Map<string, RemoteObject | undefined>): FunctionInside {
    const inside: FunctionInside = { scopes: [], line: -1, column: -1 };
    const target = internals.get('[[TargetFunction]]');
    if (target) {
      inside.bound = {
        target: this.#value(target) as never,
        self: this.#value(internals.get('[[BoundThis]]')),
        args: [...(this.#value(internals.get('[[BoundArgs]]')) as unknown[])],
      };
    }
    const location = internals.get('[[FunctionLocation]]')?.value as
      | { scriptId: string; lineNumber: number; columnNumber: number }
      | undefined;
    if (location) {
      inside.scriptId = location.scriptId;
      inside.line = location.lineNumber;
      inside.column = location.columnNumber;
    }
    const scopes = internals.get('[[Scopes]]');
    if (scopes?.objectId) {
      const list = this.#take(scopes.objectId) as ArrayLike<Scope>;
      inside.scopes = Array.from(list).filter(({ description }) => description !== 'Global');
    }
    return inside;
  }

  /** Every script of this thread. Dear (milliseconds): asked only for scripts that can't be found otherwise. */
  scripts(): ScriptParsed[] {
    const scripts: ScriptParsed[] = [];
    const note = ({ params }: { params: ScriptParsed }): void => {
      scripts.push({ scriptId: params.scriptId, url: params.url, isModule: params.isModule });
    };
    this.#session.on('Debugger.scriptParsed', note as never);
    try {
      this.#post('Debugger.enable');
    } finally {
      this.#post('Debugger.disable');
      this.#session.removeListener('Debugger.scriptParsed', note as never);
    }
    return scripts;
  }
}
