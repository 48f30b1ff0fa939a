import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isAlive } from '../../alive.ts';
import { realClock } from '../../clock.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { findRunning, type Running } from '../../game/start/running.ts';
import { findSandbox, logOfDead, type SandboxAccess, type WallState } from '../../game/start/sandbox-link.ts';
import { startSandbox, stopSandbox } from '../../game/start/sandbox-process.ts';
import { stateHome } from '../../paths.ts';
import { table } from '../../words/width.ts';
import { interruptSignal, print } from '../output.ts';

export interface SandboxStartOptions {
  speed: string;
  rules?: string[];
  idle?: string;
  json?: boolean;
}

/** Ctrl-C ends what was started until then. */
export async function start(options: SandboxStartOptions): Promise<void> {
  const interrupt = interruptSignal();
  try {
    const access = await startUnless(interrupt.signal, options);
    if (access) return show(access, options);
    process.stderr.write('Interrupted: the sandbox was stopped while it started.\n');
    process.exitCode = exitCodes.interrupted;
  } finally {
    interrupt.release();
  }
}

/** Undefined when it was interrupted, with nothing left behind. */
async function startUnless(
  signal: AbortSignal,
  options: SandboxStartOptions,
): Promise<SandboxAccess | undefined> {
  const home = stateHome();
  const running = findSandbox({ stateHome: home });
  const settings = {
    stateHome: home,
    speed: speedOf(options.speed),
    rules: (options.rules ?? []).map(ruleFile),
    ...(options.idle !== undefined && { idleMinutes: idleOf(options.idle) }),
  };
  try {
    const access = await startSandbox({
      ...settings,
      signal,
      onProgress: (step) =>
        process.stderr.write(`${step.component} ${step.done}/${step.total} ${step.detail ?? ''}\n`),
    });
    if (!signal.aborted || running) return access;
    await stopSandbox(access);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return undefined;
}

/** Minutes; 0 for `never`; @throws MisfortuneError `bad-idle` */
function idleOf(text: string): number {
  if (text === 'never') return 0;
  const minutes = Number(text);
  if (text.trim() !== '' && minutes > 0 && minutes <= MOST_IDLE_MINUTES) return minutes;
  throw new MisfortuneError(
    'bad-idle',
    `Expected minutes from 1 to ${MOST_IDLE_MINUTES}, or never, for --idle, got "${text}".`,
    { exitCode: exitCodes.usage },
  );
}

/** A week. */
const MOST_IDLE_MINUTES = 10_080;

export async function stop(): Promise<void> {
  const access = findSandbox({ stateHome: stateHome() });
  if (!access) {
    const log = logOfDead({ stateHome: stateHome() });
    return void process.stdout.write(`No sandbox runs.${log ? ` One crashed; its log is ${log}.` : ''}\n`);
  }
  const interrupt = interruptSignal();
  for (const running of findRunning(stateHome()))
    if (running.sandbox) await endFirst(running, interrupt.signal);
  interrupt.release();
  await stopSandbox(access);
  process.stdout.write('The sandbox is stopped.\n');
}

/**
 * A game that its cluster is taken away from cannot restore it: it is told to end, and waited for.
 * @throws MisfortuneError `game-running`
 */
async function endFirst({ what, pid }: Running, signal: AbortSignal): Promise<void> {
  process.stderr.write(`Stopping ${what} first, which restores the cluster.\n`);
  const deadline = realClock.mono() + endsWithin;
  if (isAlive(pid)) process.kill(pid, 'SIGTERM');
  while (isAlive(pid)) {
    if (realClock.mono() > deadline)
      throw new MisfortuneError(
        'game-running',
        `The process ${pid} of ${what} has not ended after 3 minutes.`,
        {
          todo: 'Stop it where it runs, then stop the sandbox.',
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
  const log = logOfDead({ stateHome: stateHome() });
  throw new MisfortuneError(
    'no-sandbox',
    `No sandbox runs.${log ? ` One crashed; its log is ${log}.` : ''}`,
    {
      todo: 'Start one with `misfortune sandbox start`.',
      exitCode: exitCodes.unavailable,
    },
  );
}

function wallText(wall: WallState): string {
  return wall.stands ? 'stands' : `is missing: ${wall.why}`;
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
      ['ends', endOf(access)],
      ...(access.wall ? [['second wall', wallText(access.wall)]] : []),
    ]),
  );
}

/** When it ends without being told to. */
function endOf({ idleMinutes = 30 }: SandboxAccess): string {
  if (idleMinutes === 0) return 'with `misfortune sandbox stop` only';
  return `by itself after ${idleMinutes} min without a request (start it with --idle never to keep it)`;
}
