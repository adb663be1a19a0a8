/** What a manager's server and its clients say to each other over a connection. */

export type Request =
  /** Makes an object of a registered type. */
  | { id: number; do: 'create'; type: string; args: unknown[] }
  | { id: number; do: 'call'; object: string; method: string; args: unknown[] }
  /** Takes part in an object whose handle came some other way. */
  | { id: number; do: 'adopt'; object: string }
  /** Gives up so many references to each object; not answered. */
  | { id: 0; do: 'drop'; objects: [object: string, count: number][] }
  | { id: number; do: 'types' }
  | { id: number; do: 'shutdown' };

export type Response = { id: number; value: unknown } | { id: number; error: unknown; own: boolean };

/** An object of the server's, as it travels. */
export interface ObjectHandle {
  address: string | readonly [host: string, port: number];
  authkey: Uint8Array;
  object: string;
  type: string;
  exposed: string[];
}

export const KIND = 'ManagedObject';
