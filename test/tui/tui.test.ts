import { afterEach, describe, expect, it } from 'vitest';
import { parseSource } from '../../src/document/read.ts';
import type { Declaration } from '../../src/game/protocol.ts';
import type { EventBody, GameEvent } from '../../src/log/events.ts';
import { parsePlaybook } from '../../src/playbook/parse.ts';
import type { Backend, RunningGame } from '../../src/tui/backend.ts';
import { runTui } from '../../src/tui/run.tsx';
import { TestTerminal } from './terminal.ts';

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
  letter = 'B';
  private listener: (event: GameEvent) => void = () => undefined;
  private seq = 0;
  private over: (exitCode: number) => void = () => undefined;
  private readonly finished = new Promise<number>((resolve) => {
    this.over = resolve;
  });

  happen(body: EventBody, at = 1_000_000): void {
    this.seq += 1;
    this.listener({ v: 1, seq: this.seq, at, mono: at, ...body } as GameEvent);
    if (body.type === 'graded') this.over(0);
  }

  info = async () => ({
    game: this.address.game,
    phase: 'brief',
    title: created.title,
    kubeconfig: '',
    context: 'sandbox',
    namespace: 'shop',
    prometheus: '',
    dashboards: created.dashboards,
    mechanisms: ['load', 'upstream'],
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

const created: EventBody & { type: 'game-created' } = {
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
  dashboards: [{ uid: 'shop-overview', title: 'Shop overview' }],
};

function backendOf(game: ScriptedGame): Backend {
  return {
    start: async (onStep) => {
      onStep({ component: 'API server', done: 1, total: 1 });
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
    play: async () => game,
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
    debrief: async () => ({
      heading: 'PAYING TAKES FOREVER (haymaker)',
      lines: [{ text: `Alerts      ${game.letter}`, tone: 'warn' }],
    }),
    report: async () => ['/games/x/report.html', '/games/x/report.md'],
    now: () => 86_400_000 * 12,
  };
}

const running: { stop(): void; done: Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) {
    one.stop();
    await one.done;
  }
});

function start(options: { columns?: number; rows?: number; env?: NodeJS.ProcessEnv } = {}): {
  terminal: TestTerminal;
  game: ScriptedGame;
  done: Promise<void>;
} {
  const terminal = new TestTerminal(options.columns, options.rows);
  const game = new ScriptedGame();
  const stop = new AbortController();
  const done = runTui({
    backend: backendOf(game),
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    env: options.env ?? { NO_COLOR: '1' },
    signal: stop.signal,
  });
  running.push({ stop: () => stop.abort(), done });
  return { terminal, game, done };
}

async function live(options?: Parameters<typeof start>[0]): Promise<ReturnType<typeof start>> {
  const started = start(options);
  await started.terminal.shows('space spin');
  started.terminal.type('\r');
  await started.terminal.shows('On call for checkout');
  started.terminal.type('\r');
  await started.terminal.shows('what you did');
  started.game.happen({ type: 'phase-entered', phase: 'respond' });
  return started;
}

describe('the interface', () => {
  it('lands on the wheel, whose titles are symptoms and whose weights are visible', async () => {
    const { terminal } = start();
    await terminal.shows('3 of 9 pods ready');
    const screen = await terminal.shows('sandbox · shop healthy · 9 pods');
    expect(screen).toContain('▶ █ PAYING TAKES FOREVER');
    expect(screen).toContain('●●○○○');
    expect(screen).toContain('12 days ago');
    expect(screen).not.toContain('haymaker');
  });

  it('never draws as many rows as the terminal has, at 80×24 and after a resize', async () => {
    const { terminal } = await live();
    expect((await terminal.lines()).length).toBe(24);
    expect((await terminal.lines())[23]).toBe('');
    terminal.resize(120, 40);
    await terminal.shows(/─{110,}/);
    expect((await terminal.lines())[39]).toBe('');
    expect(terminal.raw).not.toContain('\u001b[3J');
  });

  it('stops a spin early on a key and lands where the draw said', async () => {
    const { terminal } = start();
    await terminal.shows('space spin');
    terminal.type(' ');
    await new Promise((resolve) => setImmediate(resolve));
    terminal.type(' ');
    await terminal.shows('▶ █ ONE IN SIX FAILS');
  });

  it('does not say that no alert fires while Prometheus does not answer', async () => {
    const { terminal, game } = await live();
    await terminal.shows('no alert is firing');
    game.happen({ type: 'monitor-failed', part: 'prometheus', error: 'HTTP 500' });
    const screen = await terminal.shows(
      'Prometheus does not answer: whether an alert fires is not known now',
    );
    expect(screen).not.toContain('no alert is firing');
    game.happen({ type: 'monitor-back', part: 'prometheus', afterMs: 1000 });
    await terminal.shows('no alert is firing');
  });

  it('shows the page, the signals and what was done, and gives nothing away', async () => {
    const { terminal, game } = await live({ columns: 120 });
    game.happen({ type: 'signals-sampled', samples: [{ id: 'p95', value: 1.94 }] });
    game.happen({
      type: 'alert-changed',
      name: 'CheckoutLatencyHigh',
      labels: { severity: 'critical', owner: 'checkout' },
      annotations: { runbook_url: 'https://r/latency-without-a-deploy' },
      state: 'firing',
      activeAt: 0,
    });
    game.happen({
      type: 'action-seen',
      action: {
        id: 'a',
        at: 1_075_000,
        until: 0,
        who: 'responder',
        surface: 'kubectl',
        effect: 'read',
        title: 'kubectl get pods -n shop',
        requests: [],
      },
    });
    game.happen({
      type: 'oracle-checked',
      checks: [{ id: 'source-stopped', holds: false, seen: 'one pod runs' }],
      holds: false,
      heldForMs: 0,
    });
    const screen = await terminal.shows('kubectl get pods -n shop');
    expect(screen).toMatch(
      /● CheckoutLatencyHigh {2}critical {2}pod checkout {2}→ latency-without-a-deploy +\[a\]ck/,
    );
    expect(screen).toMatch(/p95 latency +1\.94 s/);
    expect(screen).toMatch(/01:15 {2}kubectl get pods -n shop +read/);
    expect(screen).not.toMatch(/haymaker|source-stopped|oracle/);
  });

  it("shows the game master's view only after a yes", async () => {
    const { terminal, game } = await live();
    game.happen({ type: 'injected' });
    game.happen({
      type: 'oracle-checked',
      checks: [{ id: 'source-stopped', holds: false, seen: 'one pod runs' }],
      holds: false,
      heldForMs: 0,
    });
    terminal.type('m');
    await terminal.shows('[y/n]');
    terminal.type('y');
    await terminal.shows('source-stopped');
    await terminal.shows('○ look');
    game.happen({
      type: 'action-seen',
      action: {
        id: 'd',
        at: 1_000_001,
        until: 0,
        who: 'responder',
        surface: 'dash',
        effect: 'read',
        title: 'open dashboard',
        requests: [],
        dashboard: { uid: 'shop-overview' },
      },
    });
    await terminal.shows('✓ look');
    terminal.type('m');
    await expect.poll(() => terminal.text()).not.toContain('source-stopped');
  });

  it('takes a diagnosis by type-ahead over live objects, then the mechanism', async () => {
    const { terminal, game } = await live();
    terminal.type('g');
    await terminal.shows('Where does it come from?');
    terminal.type('exp');
    await terminal.shows('▶ job.batch/batch/export');
    terminal.type('\r');
    await terminal.shows('▶ load');
    terminal.type('\r');
    await expect
      .poll(() => game.declared.at(-1))
      .toEqual({ type: 'diagnose', who: 'responder', origin: 'job.batch/batch/export', mechanism: 'load' });
  });

  it('says so when a claim is wrong, and plays on', async () => {
    const { terminal, game } = await live();
    terminal.type('r');
    await terminal.shows('Not yet: keep going.');
    expect(game.declared.at(-1)?.type).toBe('resolve');
  });

  it('lends the terminal to a shell and takes it back', async () => {
    const { terminal, game } = await live();
    terminal.type('t');
    await expect.poll(() => game.shells).toBe(1);
    await expect.poll(() => terminal.raw.split('\u001b[?1049h').length).toBe(3);
    await terminal.shows('what you did');
  });

  it('opens dashboards from the list', async () => {
    const { terminal } = await live();
    terminal.type('d');
    await terminal.shows('Shop overview');
    terminal.type('\r');
    await terminal.shows('1.94 s');
    terminal.type('\u001b');
    await terminal.shows('⏎ open');
  });

  it('goes to the debrief when the game is graded, and home from there', async () => {
    const { terminal, game } = await live();
    game.happen({ type: 'ended', ending: 'mitigated', why: '' });
    game.happen({ type: 'graded', file: 'scorecard.json' });
    await terminal.shows('PAYING TAKES FOREVER (haymaker)');
    await terminal.shows('Alerts      B');
    terminal.type('r');
    await terminal.shows('Written: /games/x/report.html and, beside it, report.md');
    terminal.type('\r');
    await terminal.shows('space spin');
  });

  it('shows the scorecard at once, completes it in its place, and does not hold anybody who leaves', async () => {
    const { terminal, game } = await live();
    const alert = { name: 'Slow', labels: {}, annotations: {}, activeAt: 0 };
    game.happen({ type: 'alert-changed', ...alert, state: 'firing' });
    game.happen({ type: 'ended', ending: 'mitigated', why: '' });
    game.happen({ type: 'phase-entered', phase: 'debrief' });
    game.happen({ type: 'graded', file: 'scorecard.json' });
    await terminal.shows('One alert still fires; when it is over, this page is completed by itself.');
    await terminal.shows('Alerts      B');
    game.happen({ type: 'alert-changed', ...alert, state: 'inactive' });
    game.letter = 'A';
    game.happen({ type: 'graded', file: 'scorecard.json' });
    await terminal.shows('Alerts      A');
    expect(await terminal.text()).not.toContain('still fires');
    terminal.type('\r');
    await terminal.shows('space spin');
    expect(game.declared.at(-1)).toEqual({ type: 'abort', who: 'responder' });
    game.happen({ type: 'graded', file: 'scorecard.json' });
    await terminal.shows('space spin');
  });

  it('says what the game waits for before it begins, and names only what is drawn anyway', async () => {
    const { terminal, game } = await live();
    game.happen({ type: 'phase-entered', phase: 'baseline' });
    const seen = '410 ms (below 0.25 wanted)';
    game.happen({
      type: 'calm-awaited',
      unmet: [
        { id: 'p95', holds: false, seen },
        { id: 'all-tills', holds: false, seen: '5 entries' },
      ],
    });
    const screen = await terminal.shows(/waiting for a calm stack/);
    expect(screen).toContain(
      `not calm yet: p95 latency ${seen}; 1 more of the scenario's checks`.slice(0, 70),
    );
    expect(screen).not.toContain('all-tills');
    game.happen({ type: 'baseline-taken', checks: [], alertsFiring: [], from: 0, until: 0 });
    await terminal.shows('taking the baseline');
  });

  it('makes its help from the key table', async () => {
    const { terminal } = await live();
    terminal.type('?');
    await terminal.shows('claim that it is resolved');
    await terminal.shows('Ctrl-C');
    terminal.type('x');
    await terminal.shows('what you did');
  });

  it('writes no colour with NO_COLOR, and colour without it', async () => {
    const plain = await live();
    await plain.terminal.shows('what you did');
    expect(plain.terminal.raw).not.toMatch(/\u001b\[3[0-7]m/);
  });

  it('aborts a running game on Ctrl-C and gives the terminal back', async () => {
    const { terminal, game, done } = await live();
    terminal.type('\u0003');
    await done;
    expect(game.declared.at(-1)).toEqual({ type: 'abort', who: 'responder' });
    expect(terminal.raw.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
  });

  it('draws nothing while nothing changes', async () => {
    const { terminal } = start();
    await terminal.shows('shop healthy');
    await terminal.text();
    const before = terminal.raw.length;
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(terminal.raw.length).toBe(before);
  });

  it('says what size it needs when the window is too small', async () => {
    const { terminal } = start({ columns: 50, rows: 12 });
    await terminal.shows('The window is too small');
  });
});
