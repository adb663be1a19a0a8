// PRONG_TESTS=tarball runs the slow tests of the packed tarball instead, which need `npm run prebuilds` first.
const tarball = process.env.PRONG_TESTS === 'tarball';

export default {
  files: tarball
    ? ['.build/test/tarball/**/*.test.js']
    : ['.build/test/**/*.test.js', '!.build/test/tarball/**'],
  // Processes, not worker threads: fork() refuses to run beside a live Worker.
  workerThreads: false,
  timeout: tarball ? '10m' : '5m',
  concurrency: 2,
  environmentVariables: { FORCE_COLOR: '0' },
};
