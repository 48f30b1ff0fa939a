import { parseSource } from '../../src/document/read.ts';
import type { Declaration } from '../../src/game/api/protocol.ts';
import type { EventBody, GameEvent } from '../../src/log/events.ts';
import { parsePlaybook } from '../../src/playbook/parse.ts';
import type { Backend, RunningGame, WheelEntry } from '../../src/tui/backend.ts';
import { runTui } from '../../src/tui/run.tsx';
import { TestTerminal } from './terminal.ts';

/** Wall ms at which every test looks at its screen. */
export const now = 86_400_000 * 12;
/** When what happens in a game happened unless a test says otherwise: 95 s ago. */
export const began = now - 95_000;

/** A game that is told what happens by the test: the screens' other side, in one place. */
class ScriptedGame implements RunningGame {
  readonly address = {
    version: 1 as const,
    game: '2026-11-22-0742',
    pid: 1,
    socket: '',
    tokens: { responder: '', master: '' },
  };
  readonly playbook = playbook;
  readonly declared: Declaration[] = [];
  shells = 0;
  /** ms */
  preparing = 0;
  prepared = 0;
  calledOff = 0;
  letter = 'B';
  /** Lines of the scorecard below its letters. */
  remarks = 0;
  /** While it is there the cluster is still on its way up. */
  starting: Promise<void> | undefined;
  private listener: (event: GameEvent) => void = () => undefined;
  private seq = 0;
  private over: (exitCode: number) => void = () => undefined;
  private readonly finished = new Promise<number>((resolve) => {
    this.over = resolve;
  });

  /** `over`: the conductor ends with its scorecard, and does not wait for the end of alerts. */
  happen(body: EventBody, { at = began, over = true } = {}): void {
    this.seq += 1;
    this.listener({ v: 1, seq: this.seq, at, mono: at, ...body } as GameEvent);
    if (body.type === 'graded' && over) this.over(0);
  }

  info = async () => ({
    game: this.address.game,
    phase: 'brief',
    title: created.title,
    briefing: created.briefing,
    kubeconfig: '',
    context: 'sandbox',
    namespace: 'shop',
    prometheus: '',
    dashboards: created.dashboards,
    mechanisms: [
      { name: 'load', about: 'more requests come than it can serve' },
      { name: 'upstream', about: 'an address that traffic is sent to is wrong' },
    ],
  });

  follow(listener: (event: GameEvent) => void, signal: AbortSignal): Promise<void> {
    this.listener = listener;
    this.happen(created);
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  }

  declare = async (declaration: Declaration) => {
    this.declared.push(declaration);
    if (declaration.type === 'abort') this.over(0);
    return {
      accepted: declaration.type !== 'resolve',
      message: declaration.type === 'resolve' ? 'Not yet: keep going.' : 'Noted.',
    };
  };

  origins = async (prefix: string) =>
    ['deployment.apps/shop/checkout', 'job.batch/batch/export'].filter((ref) => ref.includes(prefix));
  dashboard = async () => [{ text: 'p95 latency  1.94 s  ▁▂▃' }];
  readPlaybook = async (name: string) => [{ text: `the steps of ${name}` }];
  shell = async () => {
    this.shells += 1;
  };
  ended = () => this.finished;
}

const { playbook = assertNever() } = parsePlaybook(
  parseSource(
    'latency.yaml',
    `apiVersion: misfortune/v1
kind: Playbook
name: latency
title: Latency is up
steps:
  - { id: look, phase: triage, run: misfortune dash shop-overview, match: { dashboard: shop-overview } }
  - { id: stop, phase: mitigate, after: [look], run: kubectl delete job x, match: { kube: { verb: delete, resource: [jobs] } } }
`,
  ).document!,
);

function assertNever(): never {
  throw new Error('the playbook of this test does not parse');
}

export const created: EventBody & { type: 'game-created' } = {
  type: 'game-created',
  game: '2026-11-22-0742',
  scenario: 'haymaker',
  title: 'Paying takes forever',
  difficulty: 2,
  briefing: '14:05. Support says paying takes forever.\nNobody deployed anything.',
  owner: 'checkout',
  playbook: 'latency',
  timeout: 1200,
  hints: 1,
  sandbox: true,
  cluster: 'sandbox',
  speed: 1,
  seed: 1,
  player: 'responder',
  version: '0',
  signals: [{ id: 'p95', title: 'p95 latency', unit: 's', objective: { below: 0.25 }, query: 'x' }],
  dashboards: [
    { uid: 'shop-overview', title: 'Shop overview' },
    { uid: 'edge', title: 'Edge' },
  ],
};

function backendOf(game: ScriptedGame): Backend {
  return {
    start: async (onStep) => {
      onStep({ component: 'API server', done: 1, total: 1 });
      onStep({ component: 'shop', done: 3, total: 9, detail: 'pods' });
      await game.starting;
      return { name: 'sandbox', healthy: false, text: '3 of 9 pods ready' };
    },
    cluster: async () => ({ name: 'sandbox', healthy: true, text: 'shop healthy · 9 pods' }),
    wheel: () => [
      { name: 'haymaker', title: 'Paying takes forever', difficulty: 2, weight: 0.75 },
      { name: 'broken-upstream', title: 'One in six fails', difficulty: 2, weight: 0.25, lastPlayed: 0 },
    ],
    draw: () => 1,
    unrestored: () => [],
    recover: async () => undefined,
    play: (_, signal) => preparing(game, signal),
    pastGames: () => [
      {
        id: '2026-11-08-1500',
        title: 'One in six fails',
        scenario: 'broken-upstream',
        at: 0,
        ending: 'mitigated',
        length: 552_000,
        restored: true,
      },
    ],
    debrief: async (_, width) => ({
      heading: 'PAYING TAKES FOREVER (haymaker)',
      lines: [
        { text: `drawn for ${width} columns` },
        { text: `Alerts      ${game.letter}`, tone: 'warn' },
        ...Array.from({ length: game.remarks }, (_, index) => ({ text: `remark ${index + 1}` })),
      ],
    }),
    report: async () => ['/games/x/report.html', '/games/x/report.md'],
    now: () => now,
  };
}

const running: { stop(): void; done: Promise<void> }[] = [];

/** Ends every interface that a test started. */
export async function endAll(): Promise<void> {
  for (const one of running.splice(0)) {
    one.stop();
    await one.done;
  }
}

/** Takes `game.preparing` ms, as a conductor does until it is there; is called off by the signal. */
function preparing(game: ScriptedGame, signal: AbortSignal): Promise<ScriptedGame> {
  game.prepared += 1;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(game), game.preparing);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      game.calledOff += 1;
      reject(signal.reason);
    });
  });
}

/** The real interface in a terminal of the test's, with a scripted game behind it. */
export function start(
  options: {
    columns?: number;
    rows?: number;
    env?: NodeJS.ProcessEnv;
    cluster?: string;
    starting?: Promise<void>;
    wheel?: WheelEntry[];
  } = {},
): {
  terminal: TestTerminal;
  game: ScriptedGame;
  done: Promise<void>;
} {
  const terminal = new TestTerminal(options.columns, options.rows);
  const game = new ScriptedGame();
  game.starting = options.starting;
  const stop = new AbortController();
  const done = runTui({
    backend: { ...backendOf(game), ...(options.wheel && { wheel: () => options.wheel ?? [] }) },
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    env: options.env ?? { NO_COLOR: '1' },
    ...(options.cluster === undefined ? {} : { cluster: options.cluster }),
    signal: stop.signal,
  });
  running.push({ stop: () => stop.abort(), done });
  return { terminal, game, done };
}

/** The same, gone on to where people respond. */
export async function live(options?: Parameters<typeof start>[0]): Promise<ReturnType<typeof start>> {
  const started = await briefed(options);
  started.game.happen({ type: 'injected' });
  started.game.happen({ type: 'phase-entered', phase: 'respond' });
  return started;
}

/** The same, gone on past the briefing; nothing is broken yet. */
export async function briefed(options?: Parameters<typeof start>[0]): Promise<ReturnType<typeof start>> {
  const started = start(options);
  await started.terminal.shows('space spin');
  started.terminal.type('\r');
  await started.terminal.shows('On call for checkout');
  started.terminal.type('\r');
  await started.terminal.shows('what you did');
  return started;
}
