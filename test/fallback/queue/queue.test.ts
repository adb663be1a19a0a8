// The same tests without the addon.
process.env.PRONG_NATIVE = '0';
await import('../../multiprocessing/queue/queue.test.js');
