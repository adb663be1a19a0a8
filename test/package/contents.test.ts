import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const npm = promisify(execFile);

interface Packed {
  size: number;
  files: Array<{ path: string }>;
}

async function pack(): Promise<Packed> {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const { stdout } = await npm('npm', args, { cwd: root });
  return (JSON.parse(stdout) as Packed[])[0]!;
}

// Whatever is not named here does not belong into the tarball.
const allowed = [
  /^(package\.json|README(\.\w+)?\.md|LICENSE|CHANGELOG\.md|SECURITY\.md|binding\.gyp|CMakeLists\.txt)$/,
  /^dist\/[\w/.-]+\.(js|js\.map|d\.ts)$/,
  /^dist\/package\.json$/,
  // The README's links.
  /^docs\/[\w-]+\.md$/,
  /^docs\/images\/[\w-]+\.svg$/,
  /^src-native\/[\w/.-]+\.(cc|h|S)$/,
  /^scripts\/(install|sources)\.cjs$/,
  /^prebuilds\/\w+-\w+\/(prong\.\w+\.node|provenance\.json)$/,
];

const needed = [
  'package.json',
  'LICENSE',
  'binding.gyp',
  'dist/index.js',
  'dist/index.d.ts',
  'dist/package.json',
  'dist/posix/index.d.ts',
  'src-native/addon.cc',
  'scripts/install.cjs',
  'scripts/sources.cjs',
];

test('npm pack takes what is needed, nothing else, and less than 1 MB', async (t) => {
  const { files, size } = await pack();
  const paths = files.map(({ path }) => path);
  t.deepEqual(
    paths.filter((path) => !allowed.some((pattern) => pattern.test(path))),
    [],
  );
  t.deepEqual(
    needed.filter((path) => !paths.includes(path)),
    [],
  );
  t.true(size < 1_000_000, `the tarball has ${size} bytes`);
});
