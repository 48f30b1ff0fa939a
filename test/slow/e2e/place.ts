import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { realClock } from '../../../src/clock.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { connect } from '../../../src/cluster/connection/connect.ts';
import { type Baseline, compare, takeBaseline } from '../../../src/fault/compare/compare.ts';
import { currentGame } from '../../../src/game/api/current.ts';
import { findSandbox, type SandboxAccess } from '../../../src/game/start/sandbox-link.ts';
import type { GameEvent } from '../../../src/log/events.ts';
import { packageRoot } from '../../../src/paths.ts';
import { kubectlVersions } from '../../kubectl.ts';
import { familyOf, until } from './processes.ts';

export const launcher = join(packageRoot, 'src/launch.mjs');
/** The shop's namespaces, and the one in which a game leaves its Lease. */
const namespaces = ['shop', 'batch'];

/** Time to start a sandbox: longer than it and the shop have, so that whichever is too slow says why. */
export const startingMs = 240_000;

export interface CommandResult {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface PlainGame {
  child: ChildProcess;
  events: GameEvent[];
  /** What it wrote to standard error. */
  said(): string;
  /** Waits for an event; fails with the last events and what was said. */
  happened(what: string, is: (event: GameEvent) => boolean, timeoutMs?: number): Promise<GameEvent>;
  /** Exit code, or the signal that ended it. */
  ended: Promise<number | string | null>;
}

/** A state home of its own with the real commands, as processes. */
export class Place {
  readonly home = mkdtempSync(join(tmpdir(), 'place-'));
  readonly env: NodeJS.ProcessEnv;
  private readonly started: ChildProcess[] = [];
  private baseline: Baseline | undefined;

  constructor(readonly speed = 10) {
    // A person's shell knows nothing of npm and the test runner.
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|MISFORTUNE|KUBECONFIG)/i.test(name)),
    );
    this.env = { ...inherited, MISFORTUNE_HOME: this.home, ...pathWithKubectl() };
  }

  spawn(args: string[], env: NodeJS.ProcessEnv = {}, cwd = this.home): ChildProcess {
    const child = spawn(process.execPath, [launcher, ...args], {
      cwd,
      env: { ...this.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.started.push(child);
    return child;
  }

  /** One command to its end. */
  run(args: string[], env: NodeJS.ProcessEnv = {}, cwd?: string): Promise<CommandResult> {
    return resultOf(this.spawn(args, env, cwd));
  }

  async startSandbox(args: string[] = []): Promise<SandboxAccess> {
    const command = ['sandbox', 'start', '--speed', String(this.speed), ...args];
    const { exitCode, stderr } = await this.run(command);
    if (exitCode !== 0) throw new Error(`the sandbox did not start: ${stderr}`);
    await this.healthy();
    this.baseline = await this.withCluster((cluster) =>
      takeBaseline(cluster, namespaces, { clock: realClock }),
    );
    return this.sandbox();
  }

  sandbox(): SandboxAccess {
    const access = findSandbox({ stateHome: this.home });
    if (!access) throw new Error('no sandbox runs');
    return access;
  }

  /** What differs from the fresh sandbox. */
  async differences(): Promise<string[]> {
    if (!this.baseline) throw new Error('no baseline');
    const now = await this.withCluster((cluster) => takeBaseline(cluster, namespaces, { clock: realClock }));
    return compare(this.baseline, now);
  }

  /** Waits until every Deployment is available, the steady state is fed with data and no alert is left. */
  async healthy(timeoutMs = 90_000): Promise<void> {
    const { prometheus } = this.sandbox();
    let seen = '';
    await until(
      'the shop is healthy',
      async () => {
        const ill = await this.withCluster(async (cluster) => {
          const all = await cluster.list({ kind: 'deployment', group: 'apps' }, { namespace: 'shop' });
          return all.filter(({ spec, status }) => {
            const wanted = (spec as { replicas?: number }).replicas;
            return wanted !== (status as { availableReplicas?: number } | undefined)?.availableReplicas;
          });
        });
        const alerts = await queryValues(prometheus, 'ALERTS{alertstate="firing"}');
        const slow = await queryValues(prometheus, 'shop:checkout:p95_seconds < 0.25');
        seen = JSON.stringify({ ill: ill.map(({ metadata }) => metadata.name), alerts, slow });
        return ill.length === 0 && alerts.length === 0 && slow.length > 0;
      },
      timeoutMs,
    ).catch((error: Error) => {
      throw new Error(`${error.message}: ${seen}`);
    });
  }

  async withCluster<T>(use: (cluster: Cluster) => Promise<T>): Promise<T> {
    const { kubeconfig, context } = this.sandbox();
    const cluster = await connect({ kubeconfig, context });
    try {
      return await use(cluster);
    } finally {
      cluster.close();
    }
  }

  /** Starts `play NAME --json`; the caller awaits events. */
  play(name: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): PlainGame {
    const child = this.spawn(['play', name, '--speed', String(this.speed), '--json', ...args], env);
    const events: GameEvent[] = [];
    let said = '';
    let over = false;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    if (child.stdout)
      createInterface({ input: child.stdout }).on('line', (line) => {
        events.push(JSON.parse(line) as GameEvent);
      });
    const ended = new Promise<number | string | null>((resolve) =>
      child.once('close', (code, signal) => {
        over = true;
        resolve(code ?? signal);
      }),
    );
    return {
      child,
      events,
      ended,
      said: () => said,
      happened: (what, is, timeoutMs = 60_000) =>
        until(what, () => events.find(is) ?? (over && raise(`the game is over`)), timeoutMs).catch(
          (error: Error) => {
            throw new Error(
              `${error.message}\n${said}\n${events.slice(-3).map((one) => JSON.stringify(one))}`,
            );
          },
        ),
    };
  }

  /** Of the game that runs now. */
  conductorPid(): number {
    const game = currentGame(this.home);
    if (!game) throw new Error('no game runs');
    return game.address.pid;
  }

  /** A game that is being responded to. */
  async playing(name: string, args: string[] = []): Promise<PlainGame> {
    // What an earlier game left in the rates must be over, or the baseline refuses this one.
    await this.healthy();
    const game = this.play(name, args);
    await game.happened('the game is played', isPhase('respond'));
    return game;
  }

  /** One line in the responder's recorded shell. */
  join(command: string): Promise<CommandResult> {
    return this.run(['join', '--yes', '-c', command]);
  }

  /** Ends what was started here and still runs, by pid: a game of a test that failed must not spoil the next. */
  async endPrograms(): Promise<void> {
    for (const child of this.started) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await Promise.race([
        new Promise((resolve) => child.once('close', resolve)),
        new Promise((resolve) => setTimeout(resolve, 30_000).unref()),
      ]);
      child.kill('SIGKILL');
    }
  }

  /** Ends everything that was started here, and removes the state home. */
  async close(): Promise<void> {
    await this.endPrograms();
    const access = findSandbox({ stateHome: this.home });
    if (access) await this.run(['sandbox', 'stop']);
    for (const { pid } of access ? familyOf([access.pid]) : []) process.kill(pid, 'SIGKILL');
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** What a process printed and how it ended; no exit code: by a signal. */
export async function resultOf(child: ChildProcess): Promise<CommandResult> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { exitCode, stdout, stderr };
}

export function isPhase(phase: string): (event: GameEvent) => boolean {
  return (event) => event.type === 'phase-entered' && event.phase === phase;
}

async function queryValues(prometheus: string, query: string): Promise<unknown[]> {
  try {
    const response = await fetch(`${prometheus}/api/v1/query?query=${encodeURIComponent(query)}`);
    const answer = (await response.json()) as { data: { result: { metric: Record<string, string> }[] } };
    return answer.data.result.map(({ metric }) => metric.alertname ?? metric.__name__ ?? 'value');
  } catch {
    return ['no answer'];
  }
}

/** The newest kubectl of the tests, where the machine has none. */
function pathWithKubectl(): { PATH: string } {
  const [first] = kubectlVersions();
  const path = process.env.PATH ?? '';
  return { PATH: first && first.path !== 'kubectl' ? `${join(first.path, '..')}:${path}` : path };
}

function raise(message: string): never {
  throw new Error(message);
}
