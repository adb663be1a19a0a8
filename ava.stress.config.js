export default {
  files: ['.build/test/**/*.stress.js'],
  workerThreads: false,
  timeout: '30m',
  concurrency: 1,
  environmentVariables: { FORCE_COLOR: '0' },
};
