import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { numberFromEnv, print, runProgram, stopSignal } from '../shared/program.ts';
import { failingServer } from './failing.ts';
import { type Flow, handOn, type Treatment } from './flow.ts';

// Runs alone in a container: hands the connections of its ports on to those of another host.

/** What is still under way when it is told to stop has so long; the pod's grace period is 5 s. */
const LEAVE_MS = 4000;
/** A connection without a byte for so long has nothing under way. */
const QUIET_MS = 500;
const TRY_EVERY_MS = 500;
const untouched: Treatment = { delayMs: 0, jitterMs: 0, idleMs: 0 };

async function main(): Promise<number> {
  const host = process.env.HOST ?? '';
  const ports = JSON.parse(process.env.PORTS ?? '[]') as { listen: number; port: number }[];
  const share = numberFromEnv('SHARE', 1);
  const errors = { share: numberFromEnv('ERROR_SHARE', 0), status: numberFromEnv('ERROR_STATUS', 503) };
  const treatment: Treatment = {
    delayMs: numberFromEnv('DELAY_MS', 0),
    jitterMs: numberFromEnv('JITTER_MS', 0),
    idleMs: numberFromEnv('IDLE_MS', 0),
  };
  const stop = stopSignal();
  const flows = new Set<Flow>();
  const servers: Server[] = [];
  for (const { listen, port } of ports) {
    const behind = { host, port };
    const failing = errors.share > 0 ? failingServer(errors, behind) : undefined;
    const local = failing && { host: '127.0.0.1', port: await listening(failing, 0, '127.0.0.1') };
    await reachable(behind, stop);
    const front = createServer({ allowHalfOpen: true }, (client) => {
      const felt = Math.random() < share;
      const server = connect({ ...((felt && local) || behind), allowHalfOpen: true });
      const flow = handOn(client, server, felt ? treatment : untouched);
      flows.add(flow);
      void flow.closed.then(() => flows.delete(flow));
    });
    servers.push(front);
    print('listening', { port: await listening(front, listen), to: `${host}:${port}` });
  }
  // A probe asks here: at a port of its own, so that it makes no connection to the server behind.
  const ready = createServer((socket) => socket.end());
  await listening(ready, numberFromEnv('READY_PORT', 0));
  await stopped(stop);
  for (const server of [...servers, ready]) server.close();
  await leave(flows);
  return 0;
}

/** Waits until something behind it takes a connection. */
async function reachable(behind: { host: string; port: number }, stop: AbortSignal): Promise<void> {
  for (let tries = 1; !stop.aborted; tries += 1) {
    const error = await new Promise<Error | undefined>((resolve) => {
      const socket: Socket = connect(behind);
      socket.once('connect', () => resolve(void socket.destroy())).once('error', resolve);
    });
    if (!error) return;
    if (tries % 10 === 1) print('waiting', { ...behind, error: error.message });
    await sleep(TRY_EVERY_MS);
  }
}

function listening(server: Server, port: number, host?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve((server.address() as { port: number }).port));
  });
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Closes connections as they get quiet, and gives up on the others. */
async function leave(flows: Set<Flow>): Promise<void> {
  const until = performance.now() + LEAVE_MS;
  while (flows.size > 0 && performance.now() < until) {
    for (const flow of flows) if (flow.quietMs() > QUIET_MS) flow.end();
    await sleep(100);
  }
}

runProgram(main);
