import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isAlive } from '../alive.ts';
import { realClock } from '../clock.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import { findRunning, type Running } from '../game/running.ts';
import {
  findSandbox,
  type SandboxAccess,
  startSandbox,
  stopSandbox,
  type WallState,
} from '../game/sandbox-link.ts';
import { stateHome } from '../paths.ts';
import { interruptSignal, print, table } from './output.ts';

export interface SandboxStartOptions {
  speed: string;
  rules?: string[];
  json?: boolean;
}

export async function start(options: SandboxStartOptions): Promise<void> {
  const interrupt = interruptSignal();
  const access = await startSandbox({
    stateHome: stateHome(),
    speed: speedOf(options.speed),
    rules: (options.rules ?? []).map(ruleFile),
    onProgress: (step) =>
      process.stderr.write(`${step.component} ${step.done}/${step.total} ${step.detail ?? ''}\n`),
    signal: interrupt.signal,
  });
  interrupt.release();
  show(access, options);
}

export async function stop(): Promise<void> {
  const access = findSandbox({ stateHome: stateHome() });
  if (!access) return void process.stdout.write('No sandbox runs.\n');
  const interrupt = interruptSignal();
  for (const running of findRunning(stateHome()))
    if (running.sandbox) await endFirst(running, interrupt.signal);
  interrupt.release();
  await stopSandbox(access);
  process.stdout.write('The sandbox has ended.\n');
}

/**
 * A game that its cluster is taken away from cannot restore it: it is told to end, and waited for.
 * @throws MisfortuneError `game-running`
 */
async function endFirst({ what, pid }: Running, signal: AbortSignal): Promise<void> {
  process.stderr.write(`Ending ${what} first, which puts the cluster back.\n`);
  const deadline = realClock.mono() + endsWithin;
  if (isAlive(pid)) process.kill(pid, 'SIGTERM');
  while (isAlive(pid)) {
    if (realClock.mono() > deadline)
      throw new MisfortuneError(
        'game-running',
        `The process ${pid} of ${what} has not ended after 3 minutes.`,
        {
          todo: 'End it where it runs, then stop the sandbox.',
          exitCode: exitCodes.refused,
        },
      );
    await realClock.sleep(100, signal);
  }
}

/** Restoring and grading, ms. */
const endsWithin = 180_000;

export function status(options: { json?: boolean }): void {
  show(required(), options);
}

export function kubeconfig(options: { responder?: boolean }): void {
  const access = required();
  process.stdout.write(`${options.responder ? access.responderKubeconfig : access.kubeconfig}\n`);
}

/** @throws MisfortuneError `no-rules` */
function ruleFile(name: string): string {
  const file = resolve(name);
  if (statSync(file, { throwIfNoEntry: false })?.isFile()) return file;
  throw new MisfortuneError('no-rules', `Expected a file with Prometheus rules, got "${name}".`, {
    todo: '`misfortune stack rules > rules.yaml` writes those of the shop.',
    exitCode: exitCodes.usage,
  });
}

/** A factor of 1 or more; @throws MisfortuneError `bad-speed` */
export function speedOf(text: string): number {
  const speed = Number(text);
  if (Number.isFinite(speed) && speed >= 1 && speed <= 100) return speed;
  throw new MisfortuneError('bad-speed', `Expected a factor from 1 to 100 for --speed, got "${text}".`, {
    exitCode: exitCodes.usage,
  });
}

function required(): SandboxAccess {
  const access = findSandbox({ stateHome: stateHome() });
  if (access) return access;
  throw new MisfortuneError('no-sandbox', 'No sandbox runs.', {
    todo: 'Start one with `misfortune sandbox start`.',
    exitCode: exitCodes.unavailable,
  });
}

function wallText(wall: WallState): string {
  return wall.stands ? 'stands' : `does not stand: ${wall.why}`;
}

function show(access: SandboxAccess, options: { json?: boolean }): void {
  print(access, options, () =>
    table([
      ['kubeconfig', access.kubeconfig],
      ['context', access.context],
      ['Prometheus', access.prometheus],
      ['Alertmanager', access.alertmanager],
      ['Grafana', access.grafana],
      ['speed', String(access.speed)],
      ['process', String(access.pid)],
      ...(access.wall ? [['second wall', wallText(access.wall)]] : []),
    ]),
  );
}
