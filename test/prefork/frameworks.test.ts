import test from 'ava';
import { inPlace } from '../helpers/daemons.js';

for (const which of [
  'express',
  'express, listening',
  'fastify',
  'fastify, listening',
  'http',
  'http, listening',
]) {
  test(`an application as it is, before and after a reload: ${which}`, (t) =>
    inPlace(t, async ({ run }) => {
      const { code, stdout, stderr } = await run('prefork/frameworks', [which]);
      t.is(code, 0, stderr);
      const by = which.split(',')[0];
      t.deepEqual(JSON.parse(stdout), [{ by }, { by }]);
    }));
}
