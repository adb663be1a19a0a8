// What can go wrong, and how it is told.
import { CalledProcessError, run, TimeoutExpired } from 'prong/subprocess';

try {
  await run(['ls', '/no/such/directory'], { captureOutput: true, check: true });
} catch (error) {
  if (error instanceof CalledProcessError) console.log(error.message);
}

try {
  // The shell, and the sleep that it left in the background, are both killed.
  await run('echo so far; sleep 60 & sleep 60', {
    shell: true,
    captureOutput: true,
    text: true,
    timeout: 200,
  });
} catch (error) {
  if (error instanceof TimeoutExpired) console.log(error.message, '- it had printed:', error.stdout);
}

try {
  await run(['no-such-program']);
} catch (error) {
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  console.log(code, syscall, path);
}
