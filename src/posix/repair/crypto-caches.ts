/**
 * `crypto.randomUUID()` and `crypto.randomInt()` hand out random bytes that were made in advance. A child that hands
 * out the same ones is a security fault, so it makes new ones. The buffers are variables of Node's own module: they
 * are reached through the inspector, once; where that fails the child uses up what was made in advance.
 */
import type { randomFillSync, randomInt, randomUUID } from 'node:crypto';

interface Crypto {
  randomFillSync: typeof randomFillSync;
  randomInt: typeof randomInt;
  randomUUID: typeof randomUUID;
}

const UUIDS_IN_ADVANCE = 128;
/** 6 KiB in advance, 6 bytes a number. */
const INTS_IN_ADVANCE = 1024;
const NAMES = { randomUUID: 'uuidData', randomInt: 'randomCache' } as const;

let crypto: Crypto | undefined;
let buffers: { randomUUID?: Uint8Array; randomInt?: Uint8Array } | undefined;

/** Whether anything was ever made in advance: Node loads its crypto module when it is first asked for. */
function isCryptoLoaded(): boolean {
  const list = (process as unknown as { moduleLoadList?: string[] }).moduleLoadList;
  return list === undefined || list.includes('NativeModule internal/crypto/random');
}

/** Reads variables that functions close over, by name. */
function readClosures(wanted: [object: (...args: never[]) => unknown, name: string][]): unknown[] {
  const { Session } = require('node:inspector') as typeof import('node:inspector');
  const session = new Session();
  session.connect();
  const key = Symbol.for('prong.closure');
  const holder = globalThis as unknown as Record<symbol, unknown>;
  const post = (method: string, params: object): Record<string, unknown> => {
    let answer: Record<string, unknown> = {};
    session.post(method, params, (error: Error | null, result?: object) => {
      if (error) throw error;
      answer = result as Record<string, unknown>;
    });
    return answer;
  };
  type Property = { name: string; value?: { objectId?: string } };
  const properties = (objectId: string) => post('Runtime.getProperties', { objectId, ownProperties: true });
  try {
    return wanted.map(([object, name]) => {
      holder[key] = object;
      const evaluated = post('Runtime.evaluate', { expression: 'globalThis[Symbol.for("prong.closure")]' });
      const id = (evaluated.result as { objectId: string }).objectId;
      const internal = properties(id).internalProperties as Property[];
      const scopes = internal.find((property) => property.name === '[[Scopes]]')?.value?.objectId;
      if (scopes === undefined) return undefined;
      for (const scope of properties(scopes).result as Property[]) {
        if (scope.value?.objectId === undefined) continue;
        const variables = properties(scope.value.objectId).result as Property[];
        const found = variables.find((variable) => variable.name === name)?.value?.objectId;
        if (found === undefined) continue;
        holder[key] = undefined;
        post('Runtime.callFunctionOn', {
          objectId: found,
          functionDeclaration: 'function () { globalThis[Symbol.for("prong.closure")] = this; }',
        });
        return holder[key];
      }
      return undefined;
    });
  } finally {
    delete holder[key];
    session.disconnect();
  }
}

/** Before a fork: finds the buffers, once there are any. */
export function findCryptoCaches(): void {
  if (buffers !== undefined || !isCryptoLoaded()) return;
  buffers = {};
  crypto = require('node:crypto') as Crypto;
  // The first call makes the buffer that all later ones use.
  crypto.randomUUID();
  crypto.randomInt(2);
  try {
    const [uuids, ints] = readClosures([
      [crypto.randomUUID, NAMES.randomUUID],
      [crypto.randomInt, NAMES.randomInt],
    ]);
    if (uuids instanceof Uint8Array && uuids.length === 16 * UUIDS_IN_ADVANCE) buffers.randomUUID = uuids;
    if (ints instanceof Uint8Array && ints.length === 6 * INTS_IN_ADVANCE) buffers.randomInt = ints;
  } catch {
    // No inspector in this build, or another Node: what was made in advance is used up instead.
  }
}

/** In the child: what was made in advance is made anew. */
export function renewCryptoCaches(): void {
  if (crypto === undefined || buffers === undefined) return;
  if (buffers.randomUUID !== undefined) {
    crypto.randomFillSync(buffers.randomUUID);
  } else {
    for (let i = 0; i < UUIDS_IN_ADVANCE; i++) crypto.randomUUID();
  }
  if (buffers.randomInt !== undefined) {
    crypto.randomFillSync(buffers.randomInt);
  } else {
    for (let i = 0; i <= INTS_IN_ADVANCE; i++) crypto.randomInt(2);
  }
}
