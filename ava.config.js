export default {
  files: ['.build/test/**/*.test.js'],
  // Processes, not worker threads: fork() refuses to run beside a live Worker.
  workerThreads: false,
  timeout: '3m',
  concurrency: 2,
  environmentVariables: { FORCE_COLOR: '0' },
};
