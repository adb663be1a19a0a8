/** `prong unit`: a unit file for systemd. */
import { basename, extname, resolve } from 'node:path';

export interface UnitOptions {
  name?: string;
  cwd?: string;
  user?: string;
  notify?: boolean;
}

/** As systemd reads a word of a command line: quoted, with its own special characters doubled. */
function word(text: string): string {
  const safe = text.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@/.:,+=%$-]+$/.test(text) ? safe : `"${safe.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

export function unitFile(script: string, args: string[], options: UnitOptions): string {
  const path = resolve(script);
  const name = options.name ?? basename(path, extname(path));
  const cwd = resolve(options.cwd ?? '.').replaceAll('%', '%%');
  return [
    '[Unit]',
    `Description=${name}`,
    'After=network.target',
    '',
    '[Service]',
    `Type=${options.notify ? 'notify' : 'simple'}`,
    `ExecStart=${[process.execPath, path, ...args].map(word).join(' ')}`,
    'ExecReload=/bin/kill -HUP $MAINPID',
    `WorkingDirectory=${cwd}`,
    ...(options.user === undefined ? [] : [`User=${options.user}`]),
    'Environment=NODE_ENV=production',
    'Restart=on-failure',
    'RestartSec=1',
    ...(options.notify ? ['WatchdogSec=30'] : []),
    'NoNewPrivileges=true',
    '',
    '[Install]',
    `WantedBy=${process.getuid?.() === 0 || options.user !== undefined ? 'multi-user.target' : 'default.target'}`,
  ].join('\n');
}
