// Formats the native sources; with --check only says which ones differ.
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// The binary is started directly: npm may have skipped the script that makes it executable.
const home = dirname(createRequire(import.meta.url).resolve('clang-format-node/package.json'));
const binary = join(home, 'bin', `cfn-${process.platform}-${process.arch}`, 'clang-format');
chmodSync(binary, 0o755);

const root = fileURLToPath(new URL('../src-native', import.meta.url));
const files = readdirSync(root, { recursive: true })
  .filter((name) => /\.(cc|h)$/.test(name))
  .map((name) => join(root, name));
const mode = process.argv.includes('--check') ? ['--dry-run', '--Werror'] : ['-i'];
const { status, error } = spawnSync(binary, [...mode, ...files], { stdio: 'inherit' });
if (error) console.error(error.message);
process.exitCode = status ?? 1;
