import { connect } from 'node:net';

const NOBODY = ['ECONNREFUSED', 'ENOENT'];

/** Whether somebody listens at a socket's path. One who is too busy to accept (`EAGAIN`), or another user's, counts. */
export function isListenedAt(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => resolve(!NOBODY.includes(code)));
  });
}
