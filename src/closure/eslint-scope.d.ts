/** The little of eslint-scope that is used; the package brings no types. */
declare module 'eslint-scope' {
  export interface Reference {
    identifier: { type: string };
    isWrite(): boolean;
  }
  export interface ScopeManager {
    globalScope: { through: Reference[] } | null;
  }
  export function analyze(
    tree: unknown,
    options: { ecmaVersion: number; sourceType: 'script' | 'module' },
  ): ScopeManager;
}
