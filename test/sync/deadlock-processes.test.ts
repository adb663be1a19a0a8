import test from 'ava';
import { runFixture } from '../helpers/run-fixture.js';

for (const form of ['sync', 'promise', 'thread']) {
  test(`two processes that take two locks in opposite order: one gets DeadlockError (${form})`, async (t) => {
    const { stdout, stderr, code } = await runFixture('sync/deadlock.js', { args: [form] });
    t.is(stderr, '');
    t.is(code, 0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { pids, free } = lines.find((line) => line.pids);
    const errors = lines.filter((line) => line.name);
    t.is(errors.length, 1, stdout);
    t.true(lines.includes('went on'));
    t.true(free);
    const [{ name, code: errorCode, message }] = errors;
    t.is(name, 'DeadlockError');
    t.is(errorCode, 'EDEADLK');
    for (const pid of pids) t.true(message.includes(`(pid ${pid})`), message);
    t.regex(message, /lock 'a' is held by/);
    t.regex(message, /lock 'b' is held by/);
    t.is(message.match(/deadlock\.[jt]s:\d+/g)?.length >= 2, true, message);
    if (form === 'thread') t.regex(message, /Taker-0.*Taker-1|Taker-1.*Taker-0/s);
  });
}
