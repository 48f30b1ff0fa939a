import type { Bait } from './bait.ts';
import { fileAttempts } from './files.ts';
import { handleAttempts } from './native.ts';
import { patchAttempts } from './patches.ts';
import { processAttempts } from './programs.ts';
import { socketAttempts } from './sockets.ts';

/** One way that a program in a pod may try to get out. */
export interface Attempt {
  /** What it does, as docs/safety.md lists it. */
  name: string;
  /** The modules of doors.ts, or globals, that it goes through. */
  doors: string[];
  /** The first Node that has what it uses. Default: any. */
  since?: number;
  /** It works against the preload itself: on a Node without one there is nothing to reach. */
  ours?: true;
  /** The program, CommonJS. `PRELUDE` runs before it. */
  source(bait: Bait): string;
}

/** Names that the programs use: `reach()` makes the plainest connection to the bait, `wraps` hands out native classes. */
export function prelude(bait: Bait): string {
  return `
    const net = require('net'), fs = require('fs'), hooks = require('async_hooks');
    const P = ${bait.tcp}, U = ${bait.udp}, SOCKET = ${JSON.stringify(bait.socket)}, FILE = ${JSON.stringify(bait.file)},
      FOLDER = ${JSON.stringify(bait.folder)}, MARK = ${JSON.stringify(bait.mark)}, PID = ${bait.pid}, TMP = require('os').tmpdir(),
      ABSTRACT = '\\0' + ${JSON.stringify(bait.abstract)};
    const log = console.log, native = { exit: process.reallyExit.bind(process), setTimeout };
    log('tries');
    process.on('uncaughtException', (error) => log('caught', error.code ?? error.message));
    process.on('unhandledRejection', (error) => log('rejected', error?.code ?? String(error)));
    native.setTimeout(() => { log('over'); native.exit(0); }, 1500);
    const quiet = (socket) => { socket?.on?.('error', (error) => log('error', error.code)); return socket; };
    const reach = (to = { port: P, host: '127.0.0.1' }) => {
      const socket = quiet(net.connect(to));
      socket.on('connect', () => socket.write('hello'));
      return socket;
    };
    /** then(classes, handle): classes of Node's native side by the name of their async resource. */
    const wraps = (then) => {
      const classes = {};
      hooks.createHook({ init(id, type, trigger, resource) { classes[type] = resource.constructor; } }).enable();
      const server = net.createServer((one) => quiet(one)).listen(0, () => {
        const socket = quiet(net.connect(server.address().port, '127.0.0.1'));
        socket.on('connect', () => then(classes, socket._handle));
      });
      const piped = net.createServer((one) => quiet(one)).listen(TMP + '/own-' + process.pid + process.hrtime.bigint(), function () {
        quiet(net.connect(this.address()));
      });
    };
  `;
}

export const ATTEMPTS: readonly Attempt[] = [
  ...socketAttempts,
  ...handleAttempts,
  ...patchAttempts,
  ...processAttempts,
  ...fileAttempts,
];
