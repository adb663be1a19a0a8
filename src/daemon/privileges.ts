/** Becoming another user for good. */
import { readFileSync } from 'node:fs';
import { ProngError } from '../errors.js';
import { checkBoolean, checkInteger, checkString } from '../util/check.js';
import { system } from './native.js';

const LARGEST_ID = 2 ** 32 - 2;

export interface Identity {
  uid: number;
  gid: number;
  /** Known where `/etc/passwd` has them. */
  user: string | undefined;
}

export function checkId(name: string, value: unknown): void {
  if (typeof value === 'string') checkString(name, value);
  else checkInteger(name, value, 0, LARGEST_ID);
}

function entries(file: string): string[][] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  } catch {
    return [];
  }
}

function unknown(kind: string, name: string): ProngError {
  return new ProngError('ERR_UNKNOWN_CREDENTIAL', `there is no ${kind} ${name}`);
}

/** Looks up who is meant, while /etc can be seen: before chroot. `undefined` where nothing is to change. */
export function findIdentity(uid?: number | string, gid?: number | string): Identity | undefined {
  if (uid === undefined && gid === undefined) return undefined;
  const users = entries('/etc/passwd');
  const entry =
    typeof uid === 'string'
      ? users.find(([name]) => name === uid)
      : users.find(([, , id]) => id === String(uid ?? process.getuid?.()));
  if (typeof uid === 'string' && entry === undefined) throw unknown('user', uid);
  const group =
    typeof gid === 'string' ? entries('/etc/group').find(([name]) => name === gid)?.[2] : undefined;
  if (typeof gid === 'string' && group === undefined) throw unknown('group', gid);
  const user = typeof uid === 'number' ? uid : Number(entry?.[2] ?? process.getuid?.());
  return {
    uid: user,
    gid: typeof gid === 'number' ? gid : Number(group ?? entry?.[3] ?? process.getgid?.()),
    user: entry?.[0],
  };
}

/**
 * Groups first, then the group, then the user: each step needs the rights that the next gives up. Afterwards real,
 * effective and saved ids must all have changed, and root must be out of reach.
 */
export function become(identity: Identity, initgroups: boolean): void {
  const { uid, gid, user } = identity;
  const wasRoot = process.geteuid?.() === 0;
  if (wasRoot) {
    if (initgroups && user !== undefined)
      (process as unknown as { initgroups(user: string, group: number): void }).initgroups(user, gid);
    else process.setgroups!([gid]);
  }
  process.setgid!(gid);
  process.setuid!(uid);
  const [ruid, euid, suid, rgid, egid, sgid] = system('daemonize()').identityOf();
  const done = [ruid, euid, suid].every((id) => id === uid) && [rgid, egid, sgid].every((id) => id === gid);
  if (!done || (uid !== 0 && canBeRoot())) {
    throw new ProngError('ERR_PRIVILEGES', `privileges could not be dropped for good to ${uid}:${gid}`);
  }
}

function canBeRoot(): boolean {
  try {
    process.setuid!(0);
    return true;
  } catch {
    return false;
  }
}

export function checkIdentity(options: { uid?: unknown; gid?: unknown; initgroups?: unknown }): void {
  if (options.uid !== undefined) checkId('options.uid', options.uid);
  if (options.gid !== undefined) checkId('options.gid', options.gid);
  if (options.initgroups !== undefined) checkBoolean('options.initgroups', options.initgroups);
}
