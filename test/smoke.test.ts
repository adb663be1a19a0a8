import test from 'ava';
import * as prong from 'prong';

// These also run on cmake-js's build, and with PRONG_NATIVE=0.
const native = process.env.PRONG_NATIVE !== '0';

test('the package loads', (t) => {
  t.truthy(prong.posix);
  t.truthy(prong.threading);
  t.truthy(prong.subprocess);
});

test('the addon is there unless PRONG_NATIVE=0', (t) => {
  const { fork } = prong.posix;
  if (!native) {
    t.throws(() => fork(), { code: 'ENOTSUP', message: /PRONG_NATIVE=0/ });
    return;
  }
  const pid = fork();
  if (pid === 0) process.exit(0);
  t.true(pid > 0);
});

test('a program runs', async (t) => {
  const { stdout } = await prong.run([process.execPath, '-p', '1 + 1'], { captureOutput: true, text: true });
  t.is(stdout, '2\n');
});
