/** The fork server: `forkserver.js <requests> <replies> <ends>`. It forks a child for each request, and does nothing else. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { dup } from '../../posix/descriptors.js';
import { native } from './native.js';
import { OwnChild } from './own-child.js';
import { type Parcel, parseParcel, unpackParcel } from './parcel.js';
import { forkChild } from './popen-fork.js';
import { MESSAGE } from './popen-forkserver.js';
import { report } from './report.js';
import { dieWithParent } from './spawned.js';

const client = process.ppid;

function own(argument: string | undefined): number {
  const passed = Number(argument);
  const fd = dup(passed);
  closeSync(passed);
  return fd;
}

function tell(fd: number, first: number, second: number): void {
  const message = Buffer.alloc(MESSAGE);
  message.writeInt32LE(first, 0);
  message.writeInt32LE(second, 4);
  writeSync(fd, message);
}

/** In the child. */
function run(parcel: Parcel, directory: string): () => unknown {
  process.argv = parcel.argv;
  process.chdir(directory);
  return unpackParcel(parcel);
}

function serve(parcelFd: number, reportFd: number, replies: number, ends: number): void {
  const at = (fd: number) => `/proc/${client}/fd/${fd}`;
  const parcel = parseParcel(readFileSync(at(parcelFd)));
  const to = openSync(at(reportFd), 'w');
  try {
    const pid = forkChild({
      // Its parent, to the program, is who asked for it.
      identity: { ...parcel.identity, daemon: false },
      inherit: [],
      run: () => run(parcel, parcel.directory)(),
      report: (outcome) => report(to, outcome),
      begin: () => {
        for (const fd of [replies, ends]) closeSync(fd);
        if (parcel.identity.daemon) dieWithParent({ ...parcel.identity, parentPid: process.ppid }, true);
      },
    });
    tell(replies, pid, 0);
    const child = new OwnChild(pid, -1);
    child.onEnd(() => tell(ends, pid, child.poll() as number));
  } finally {
    closeSync(to);
  }
}

function main(args: string[]): void {
  require('../../sync/index.js');
  delete process.env.PRONG_ARENA_FD;
  const [requests, replies, ends] = args.map(own) as [number, number, number];
  // Whoever asks for children reads signals from the terminal; the server goes when it goes.
  process.on('SIGINT', () => {});
  native?.dieWithParent(client);
  let waiting: Buffer = Buffer.alloc(0);
  const socket = new Socket({ fd: requests, readable: true, writable: false });
  socket.on('data', (data) => {
    waiting = Buffer.concat([waiting, data]);
    while (waiting.length >= MESSAGE) {
      const [parcel, to] = [waiting.readInt32LE(0), waiting.readInt32LE(4)];
      waiting = waiting.subarray(MESSAGE);
      try {
        serve(parcel, to, replies, ends);
      } catch (error) {
        console.error(error);
        tell(replies, -1, 0);
      }
    }
  });
  socket.on('end', () => process.exit());
}

if (require.main === module) main(process.argv.slice(2));
