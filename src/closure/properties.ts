import type { Context } from './capture.js';
import { ACCESSOR, CONFIGURABLE, ENUMERABLE, type PropertyNode, type Ref, WRITABLE } from './types.js';

interface Writer {
  write(value: unknown, context: Context): Ref;
}

/** An object's own properties as nodes, accessors as their functions. */
export function writeProperties(
  writer: Writer,
  object: object,
  context: Context,
  skip: ReadonlySet<PropertyKey> = new Set(),
): PropertyNode[] {
  const props: PropertyNode[] = [];
  for (const key of Reflect.ownKeys(object)) {
    if (skip.has(key)) continue;
    const found = Object.getOwnPropertyDescriptor(object, key) as PropertyDescriptor;
    const variable =
      typeof key === 'symbol' ? `${context.variable}[${String(key)}]` : `${context.variable}.${key}`;
    const inner: Context = { ...context, variable, reference: undefined, members: undefined };
    const written = typeof key === 'symbol' ? { symbol: writer.write(key, inner) } : key;
    let flags = (found.enumerable ? ENUMERABLE : 0) | (found.configurable ? CONFIGURABLE : 0);
    if (found.get || found.set) {
      flags |= ACCESSOR;
      props.push([written, flags, writer.write(found.get, inner), writer.write(found.set, inner)]);
    } else {
      if (found.writable) flags |= WRITABLE;
      props.push([written, flags, writer.write(found.value, inner)]);
    }
  }
  return props;
}
