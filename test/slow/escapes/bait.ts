import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';

/** Something of the host for each kind of attempt, which nobody in a pod may touch. All of it is the test's own. */
export interface Bait {
  tcp: number;
  udp: number;
  /** Path of a unix socket, as Docker has one. */
  socket: string;
  /** Name of an abstract socket, without its leading zero. */
  abstract: string;
  folder: string;
  /** A file in `folder`; its text is `secret`. */
  file: string;
  secret: string;
  pid: number;
  /** What a program prints that got what it may not have. */
  mark: string;
  /** What was touched; empty if nothing. `log` is what the program printed. */
  touched(log: string): string[];
  close(): void;
}

export async function layBait(place: string, name: string): Promise<Bait> {
  const folder = join(place, name);
  mkdirSync(folder);
  const [secret, mark] = [`secret-of-${name}`, `reached-${name}`];
  const file = join(folder, 'key.json');
  const text = JSON.stringify(secret);
  writeFileSync(file, text);
  const before = readdirSync(folder).length;
  const hits: string[] = [];
  const listen = async (kind: string, at: object): Promise<Server> => {
    const server = createServer((socket) => {
      hits.push(kind);
      socket.on('error', () => undefined).resume();
      setTimeout(() => socket.destroy(), 300).unref();
    });
    await new Promise<void>((resolve) => server.listen(at, resolve));
    return server;
  };
  const abstract = `${name}-${process.pid}`;
  const socket = join(place, `${name}.sock`);
  const servers = [
    await listen('a TCP port', { port: 0, host: '127.0.0.1' }),
    await listen('a unix socket', { path: socket }),
    ...(process.platform === 'linux' ? [await listen('an abstract socket', { path: `\0${abstract}` })] : []),
  ];
  const datagrams: Datagrams = createSocket('udp4', () => hits.push('a UDP port'));
  await new Promise<void>((resolve) => datagrams.bind(0, '127.0.0.1', resolve));
  const victim: ChildProcess = spawn('sleep', ['600'], { stdio: 'ignore' });
  let killed = false;
  victim.once('exit', () => {
    killed = true;
  });
  const intact = (): boolean => {
    try {
      return readFileSync(file, 'utf8') === text && readdirSync(folder).length === before;
    } catch {
      return false;
    }
  };
  return {
    ...{ socket, abstract, folder, file, secret, mark, pid: victim.pid! },
    tcp: (servers[0]!.address() as AddressInfo).port,
    udp: datagrams.address().port,
    touched: (log) => [
      ...new Set(hits),
      ...(killed ? ['a process'] : []),
      ...(intact() ? [] : ['a file']),
      ...(log.includes(secret) ? ['the text of a file'] : []),
      ...(log.includes(mark) ? ['what it says it got'] : []),
    ],
    close: () => {
      for (const server of servers) server.close();
      datagrams.close();
      victim.kill('SIGKILL');
    },
  };
}
