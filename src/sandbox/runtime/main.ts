/**
 * The container runtime: the parent of every container's process. It ends with the sandbox, however that
 * ends: its standard input closes, it kills what it started and exits. Behind the second wall it gets the sockets that
 * lead through it as its argument, and relays.
 */
import { createInterface } from 'node:readline';
import { startRelay, type WallSockets } from '../wall/relay.ts';
import { Containers } from './containers.ts';
import { dieWithParent } from './die-with-parent.ts';
import type { RuntimeEvent, RuntimeRequest } from './protocol.ts';
import { readUsage } from './usage.ts';

const send = (event: RuntimeEvent): void => {
  process.stdout.write(`${JSON.stringify(event)}\n`);
};
const containers = new Containers(send, dieWithParent());

const sockets = process.argv[2];
if (sockets) startRelay(JSON.parse(sockets) as WallSockets);

const end = (): never => {
  containers.killAll();
  process.exit(0);
};
// The sandbox decides when its pods end, not the terminal it was started from.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => undefined);
process.on('SIGTERM', end);
process.on('exit', () => containers.killAll());
process.stdout.on('error', end);

async function handle(request: RuntimeRequest): Promise<void> {
  if (request.op === 'start') containers.start(request);
  else if (request.op === 'signal') containers.signal(request.id, request.signal);
  else
    send({
      event: 'stats',
      request: request.request,
      readings: await readUsage(containers.pids(), containers.trees),
    });
}

/** What nobody expected is in the sandbox's log; the containers go on. */
const note = (error: unknown): void =>
  void process.stderr.write(`${new Date().toISOString()} ${error instanceof Error ? error.stack : error}\n`);
process.on('uncaughtException', note);
process.on('unhandledRejection', note);

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => handle(JSON.parse(line) as RuntimeRequest).catch(note));
lines.on('close', end);
