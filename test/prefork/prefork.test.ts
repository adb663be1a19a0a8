import test from 'ava';
import { inPlace } from '../helpers/daemons.js';

test('no request is lost in a reload; dead workers are replaced', (t) =>
  inPlace(t, async (place) => {
    const { code, stdout, stderr } = await place.run('prefork/server');
    t.is(code, 0, stderr);
    t.deepEqual(JSON.parse(stdout), { done: true, lostInReload: 0, several: true, three: 3, memory: true });
  }));

test('a worker that hangs is noticed, killed and replaced', (t) =>
  inPlace(t, async (place) => {
    const { code, stdout, stderr } = await place.run('prefork/server', ['2000']);
    t.is(code, 0, stderr);
    t.like(JSON.parse(stdout), { done: true, memory: true });
  }));
