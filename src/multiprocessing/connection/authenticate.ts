/**
 * CPython's mutual authentication: each side sends random bytes and gets them back signed with the shared key. Up to 3.11 the
 * signature is a bare HMAC-MD5; since 3.12 challenge and signature start with the name of the digest, as in `{sha256}`. Both are
 * spoken here, told apart as CPython tells them: by their length.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { invalidType, invalidValue } from '../../util/check.js';
import { AuthenticationError } from './errors.js';

const CHALLENGE = Buffer.from('#CHALLENGE#');
const WELCOME = Buffer.from('#WELCOME#');
const FAILURE = Buffer.from('#FAILURE#');
const MESSAGE_LENGTH = 40;
const LEGACY_CHALLENGE = 20;
const LEGACY_DIGEST = 16;
/** No message of the protocol is longer. */
export const LONGEST = 256;

/** Python's names and OpenSSL's. */
const DIGESTS = new Map([
  ['md5', 'md5'],
  ['sha256', 'sha256'],
  ['sha384', 'sha384'],
  ['sha3_256', 'sha3-256'],
  ['sha3_384', 'sha3-384'],
]);
const LONGEST_NAME = 8;

export function checkAuthkey(value: unknown, name = 'options.authkey'): Buffer | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') {
    if (value === '') throw invalidValue(name, 'must not be empty', value);
    return Buffer.from(value);
  }
  if (!(value instanceof Uint8Array)) throw invalidType(name, 'a string or a Uint8Array', value);
  return Buffer.from(value);
}

function digestAndPayload(message: Buffer): { digest: string; payload: Buffer } {
  if (message.length === LEGACY_CHALLENGE || message.length === LEGACY_DIGEST) {
    return { digest: '', payload: message };
  }
  const end = message[0] === 0x7b ? message.indexOf(0x7d, 1) : -1;
  if (end > 1 && end <= LONGEST_NAME + 1) {
    const digest = message.toString('latin1', 1, end);
    if (DIGESTS.has(digest)) return { digest, payload: message.subarray(end + 1) };
  }
  throw new AuthenticationError('the other side names no digest that is known and allowed');
}

function sign(authkey: Buffer, message: Buffer, digest: string): Buffer {
  try {
    return createHmac(DIGESTS.get(digest || 'md5')!, authkey)
      .update(message)
      .digest();
  } catch (error) {
    throw new AuthenticationError(`the digest ${digest || 'md5'} is not to be had here`, { cause: error });
  }
}

/** What a side sends (`Buffer`), and that it waits for a message (`undefined`). The same for promises and blocking. */
export type Steps = Generator<Buffer | undefined, void, Buffer>;

function* deliverChallenge(authkey: Buffer): Steps {
  const message = Buffer.concat([Buffer.from('{sha256}'), randomBytes(MESSAGE_LENGTH)]);
  yield Buffer.concat([CHALLENGE, message]);
  const response = yield undefined;
  try {
    const { digest, payload } = digestAndPayload(response);
    const expected = sign(authkey, message, digest);
    if (expected.length !== payload.length || !timingSafeEqual(expected, payload)) {
      throw new AuthenticationError('the other side has another authkey');
    }
  } catch (error) {
    yield FAILURE;
    throw error;
  }
  yield WELCOME;
}

function* answerChallenge(authkey: Buffer): Steps {
  const message = yield undefined;
  if (!message.subarray(0, CHALLENGE.length).equals(CHALLENGE)) {
    throw new AuthenticationError(
      'the other side sends no challenge: it expects no authkey, or is something else',
    );
  }
  const challenge = message.subarray(CHALLENGE.length);
  if (challenge.length < LEGACY_CHALLENGE) {
    throw new AuthenticationError(`a challenge of ${challenge.length} bytes is too short`);
  }
  const { digest } = digestAndPayload(challenge);
  const mac = sign(authkey, challenge, digest);
  yield digest === '' ? mac : Buffer.concat([Buffer.from(`{${digest}}`), mac]);
  const verdict = yield undefined;
  if (!verdict.equals(WELCOME)) throw new AuthenticationError('the other side rejects this authkey');
}

/** What the side that accepted does. */
export function* asListener(authkey: Buffer): Steps {
  yield* deliverChallenge(authkey);
  yield* answerChallenge(authkey);
}

export function* asClient(authkey: Buffer): Steps {
  yield* answerChallenge(authkey);
  yield* deliverChallenge(authkey);
}
