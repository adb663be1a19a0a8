import test from 'ava';
import * as prong from 'prong';

test('the package loads', (t) => {
  t.truthy(prong.posix);
});
