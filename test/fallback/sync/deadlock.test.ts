// The same tests without the addon.
process.env.PRONG_NATIVE = '0';
await import('../../sync/deadlock.test.js');
