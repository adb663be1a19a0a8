export * as posix from './posix/index.js';
