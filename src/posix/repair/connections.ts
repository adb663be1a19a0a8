/**
 * Connections that `http`, `https` and `fetch` keep open for later are shared after a fork, and what one side reads of
 * them the other loses. They stay the parent's: the child starts with none.
 */
import { Socket } from 'node:net';

interface Agent {
  freeSockets: Record<string, Socket[] | undefined>;
}

interface Insides {
  _handle?: { readStop?(): void; unref?(): void } | null;
}

/** The one that `fetch` uses, newest first, and where it differs, one around it for older versions of undici. */
const DISPATCHERS = [Symbol.for('undici.globalDispatcher.2'), Symbol.for('undici.globalDispatcher.1')];
const DEEPEST = 8;

/** The child neither reads from it nor ends it: no alert or FIN may reach the other end. */
function leave(socket: Socket): void {
  const { _handle } = socket as unknown as Insides;
  _handle?.readStop?.();
  _handle?.unref?.();
}

/** The sockets in an object of undici's: its pools hang on symbols, maps and weak references. */
function socketsIn(value: unknown, depth = 0, seen = new Set<unknown>()): Socket[] {
  if (typeof value !== 'object' || value === null || depth > DEEPEST || seen.has(value)) return [];
  seen.add(value);
  if (value instanceof Socket) return [value];
  if (value instanceof WeakRef) return socketsIn(value.deref(), depth, seen);
  const parts: unknown[] = value instanceof Map || Array.isArray(value) ? [...value.values()] : [];
  for (const key of Reflect.ownKeys(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    if (descriptor !== undefined && 'value' in descriptor) parts.push(descriptor.value);
  }
  return parts.flatMap((part) => socketsIn(part, depth + 1, seen));
}

function isLoaded(module: string): boolean {
  const list = (process as unknown as { moduleLoadList?: string[] }).moduleLoadList;
  return list === undefined || list.includes(`NativeModule ${module}`);
}

function agentsInUse(): Agent[] {
  return (['http', 'https'] as const)
    .filter(isLoaded)
    .map((module) => (require(`node:${module}`) as { globalAgent: Agent }).globalAgent);
}

type Dispatcher = { constructor: new (around?: Dispatcher) => Dispatcher };
type Holder = Record<symbol, Dispatcher | undefined>;

/** In the child, whose they are unless others are named. */
export function leaveKeptConnections(agents = agentsInUse(), holder = globalThis as unknown as Holder): void {
  for (const agent of agents) {
    for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) leave(socket);
    agent.freeSockets = Object.create(null) as Agent['freeSockets'];
  }
  renewDispatchers(holder);
}

/** In the parent, before the first fork: the same with nothing to leave. */
export function rehearseKeptConnections(): void {
  agentsInUse();
  leaveKeptConnections([{ freeSockets: {} }], {});
}

function renewDispatchers(holder: Holder): void {
  let renewed: { old: Dispatcher; fresh: Dispatcher } | undefined;
  for (const symbol of DISPATCHERS) {
    const old = holder[symbol];
    if (old?.constructor.name === 'Agent') {
      if (renewed?.old !== old) {
        for (const socket of socketsIn(old)) leave(socket);
        renewed = { old, fresh: new old.constructor() };
      }
      holder[symbol] = renewed.fresh;
    } else if (old?.constructor.name === 'Dispatcher1Wrapper' && renewed !== undefined) {
      holder[symbol] = new old.constructor(renewed.fresh);
    }
  }
}
