/**
 * Which functions share which variables. The inspector shows a copy of each scope, so that two functions of one
 * scope can't be told from two of two equal scopes by identity. A file's outermost scope exists once; of the
 * others, two are taken for one if they are of the same code and every variable in them holds the same, unless
 * the same piece of code would then have been made into a function twice.
 */
import type { Scope } from './inspect.js';
import type { ClosureNode, FunctionNode, Ref } from './types.js';

interface Group {
  values: Map<string, unknown>;
  /** Functions made directly in the scope, by place. */
  literals: Map<string, Ref>;
  variables: Map<string, { users: Set<Ref>; value: Ref; written: boolean }>;
}

export class Sharing {
  readonly #groups = new Map<string, Group[]>();

  /** The groups of a function's scopes, innermost first. */
  enter(scopes: Scope[], place: string): Group[] {
    const file = place.replace(/:\d+:\d+$/, '');
    return scopes.map(({ description, object }, depth) => {
      const height = scopes.length - depth;
      const names = Object.keys(object);
      const key = `${file}|${height}|${description}|${names.join()}`;
      const known = this.#groups.get(key) ?? [];
      this.#groups.set(key, known);
      const outermost = height === 1;
      const literal = depth === 0 && !outermost ? place : undefined;
      const values = outermost ? new Map<string, unknown>() : read(object, names);
      let group = known.find((one) => fits(one, values, literal));
      if (!group) {
        group = { values, literals: new Map(), variables: new Map() };
        known.push(group);
      }
      if (literal !== undefined) group.literals.set(literal, -1);
      return group;
    });
  }

  use(group: Group | undefined, name: string, user: Ref, value: Ref, written: boolean): void {
    if (!group) return;
    const known = group.variables.get(name);
    if (!known) {
      group.variables.set(name, { users: new Set([user]), value, written });
      return;
    }
    known.users.add(user);
    known.written ||= written;
  }

  rollBack(nodes: number): void {
    for (const groups of this.#groups.values()) {
      for (const { variables } of groups) {
        for (const [name, { users, value }] of variables) {
          for (const user of users) if (user >= nodes) users.delete(user);
          if (users.size === 0 || value >= nodes) variables.delete(name);
        }
      }
    }
  }

  /** Takes the variables that need it out of their functions and into cells. */
  finish(nodes: ClosureNode[]): [string, Ref][] {
    const cells: [string, Ref][] = [];
    for (const { variables } of [...this.#groups.values()].flat()) {
      for (const [name, { users, value, written }] of variables) {
        if (!written || users.size < 2) continue;
        const index = cells.push([name, value]) - 1;
        for (const user of users) {
          const node = nodes[user] as FunctionNode;
          node.vars = node.vars.filter(([own]) => own !== name);
          node.cells ??= [];
          node.cells.push(index);
        }
      }
    }
    return cells;
  }
}

function read(object: Record<string, unknown>, names: string[]): Map<string, unknown> {
  const values = new Map<string, unknown>();
  for (const name of names) {
    try {
      values.set(name, object[name]);
    } catch {}
  }
  return values;
}

function fits(group: Group, values: Map<string, unknown>, literal: string | undefined): boolean {
  if (literal !== undefined && group.literals.has(literal)) return false;
  if (group.values.size !== values.size) return false;
  for (const [name, value] of values) if (!Object.is(group.values.get(name), value)) return false;
  return true;
}
