import { closeSync, mkdtempSync, openSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { type PopenOptions, runSync } from 'prong/subprocess';
import { leavesNothing } from '../helpers/leaks.js';

const root = userInfo().uid === 0;
const sh = (line: string, options: PopenOptions = {}) =>
  runSync(line, { ...options, shell: true, captureOutput: true, text: true, check: true }).stdout.trim();

test.serial(
  'cwd, as a string and as a URL',
  leavesNothing((t) => {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'prong-')));
    t.is(sh('pwd', { cwd: directory }), directory);
    t.is(sh('pwd', { cwd: pathToFileURL(directory) }), directory);
    rmSync(directory, { recursive: true });
  }),
);

test.serial(
  'env replaces all; PATH is looked up in it',
  leavesNothing((t) => {
    const env = (given: PopenOptions['env']) =>
      runSync('env', { env: given, captureOutput: true, text: true }).stdout.trim().split('\n').sort();
    t.deepEqual(env({ A: 'ä', B: '', C: 1, D: undefined, E: '=' }), ['A=ä', 'B=', 'C=1', 'E==']);
    t.deepEqual(env({}), ['']);
    process.env.PRONG_TEST = 'inherited';
    t.is(sh('echo $PRONG_TEST'), 'inherited');
    delete process.env.PRONG_TEST;
    t.is(sh('echo $PRONG_TEST'), '');
    t.throws(() => runSync('env', { env: { PATH: '/no/such' } }), { code: 'ENOENT' });
    t.is(sh('echo $X', { env: Object.create({ X: 'from the prototype' }) }), 'from the prototype');
  }),
);

test.serial(
  'executable runs another file under the same name',
  leavesNothing((t) => {
    const named = runSync(['my name', '-c', 'echo $0'], {
      executable: '/bin/sh',
      captureOutput: true,
      text: true,
    });
    t.is(named.stdout, 'my name\n');
    t.regex(sh('readlink /proc/$$/exe; :', { executable: '/bin/bash' }), /bash$/);
  }),
);

test.serial(
  'umask, session and process group',
  leavesNothing((t) => {
    t.is(sh('umask', { umask: 0o27 }), '0027');
    // pid, group and session
    const ids = (options?: PopenOptions) =>
      sh('cut -d " " -f 1,5,6 /proc/$$/stat; :', options).split(' ').map(Number) as [number, number, number];
    const [, , ours] = ids();
    const [pid, group, session] = ids({ startNewSession: true });
    t.deepEqual([group, session], [pid, pid]);
    const [leader, own, same] = ids({ processGroup: 0 });
    t.is(own, leader);
    t.is(same, ours);
    t.throws(() => runSync('true', { processGroup: 0x7fffffff }), { code: 'EPERM', message: /setpgid/ });
  }),
);

test.serial(
  'only 0, 1, 2 and passFds are open in the program',
  leavesNothing((t) => {
    const fd = openSync('/etc/passwd', 'r');
    const list = (options: PopenOptions = {}) => {
      // The last one is ls's own.
      const command = ['ls', '/proc/self/fd'];
      return runSync(command, { ...options, captureOutput: true, text: true })
        .stdout.trim()
        .split('\n')
        .map(Number);
    };
    t.deepEqual(list(), [0, 1, 2, 3]);
    t.false(list({ closeFds: false }).includes(fd), 'Node and prong open all with close-on-exec');
    t.true(list({ passFds: [fd] }).includes(fd));
    t.true(list({ passFds: [fd], closeFds: false }).includes(fd));
    t.regex(sh(`head -n 1 /proc/self/fd/${fd}`, { passFds: [fd, 0] }), /^root/);
    closeSync(fd);
  }),
);

test.serial(
  'signals have their usual effect and none is blocked',
  leavesNothing((t) => {
    const command = ['grep', '-E', 'Sig(Blk|Ign)', '/proc/self/status'];
    const masks = runSync(command, { captureOutput: true, text: true }).stdout;
    t.regex(masks, /SigBlk:\s0000000000000000\nSigIgn:\s0000000000000000\n/);
    const kept = runSync(['grep', 'SigIgn', '/proc/self/status'], {
      restoreSignals: false,
      captureOutput: true,
      text: true,
    });
    t.regex(kept.stdout, /1000$/m, 'SIGPIPE');
  }),
);

(root ? test.serial : test.serial.skip)(
  'user, group and extraGroups, by name and number',
  leavesNothing((t) => {
    t.is(
      sh('id -u; id -g; id -G', { user: 1, group: 'daemon', extraGroups: [7, 'bin'] }).replaceAll('\n', ' '),
      '1 1 1 2 7',
    );
    t.is(sh('id -G', { user: 'nobody', group: 12, extraGroups: [] }), '12');
    t.is(
      sh('grep -E "^[UG]id" /proc/self/status', { user: 3, group: 4 }).replace(/\s+/g, ' '),
      'Uid: 3 3 3 3 Gid: 4 4 4 4',
    );
    t.is(statSync('/proc/self').uid, 0, 'we have not changed');
  }),
);

(root ? test.serial : test.serial.skip)(
  'what we may not do is the error of its step',
  leavesNothing((t) => {
    const script = `const { runSync } = require('prong/subprocess');
      try { runSync('true', { user: 0 }); } catch (error) { console.log(error.code, error.syscall); }
      try { runSync('true', { extraGroups: [0] }); } catch (error) { console.log(error.code, error.syscall); }`;
    const done = runSync([process.execPath, '-e', script], { user: 65534, captureOutput: true, text: true });
    t.is(done.stdout || done.stderr, 'EPERM setresuid\nEPERM setgroups\n');
  }),
);
