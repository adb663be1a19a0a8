import test from 'ava';
import { inPlace } from '../helpers/daemons.js';

test('no request is lost in a reload; dead and hung workers are replaced', (t) =>
  inPlace(t, async (place) => {
    const { code, stdout, stderr } = await place.run('prefork/server');
    t.is(code, 0, stderr);
    t.deepEqual(JSON.parse(stdout), { done: true, lostInReload: 0, several: true, three: 3, memory: true });
  }));
