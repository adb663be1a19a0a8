import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { python } from './programs.js';

/** The machine as far as it matters to the figures: nothing that names it or its owner. */
export function describeMachine(): Record<string, string | number> {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release().split('-')[0]}`,
    node: process.version,
    v8: process.versions.v8,
    python: python === undefined ? 'none' : execFileSync(python, ['--version'], { encoding: 'utf8' }).trim(),
  };
}
