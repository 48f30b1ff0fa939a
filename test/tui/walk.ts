import { began, now, start } from './scripted-game.ts';
import type { TestTerminal } from './terminal.ts';

/** One screen as it stands in the terminal. */
export interface Frame {
  name: string;
  text: string;
  colours: string[];
}

type Started = ReturnType<typeof start>;

interface Stop {
  /** What the frame is called: the screen's name, and what is special about it. */
  name: string;
  /** From the screen before. */
  go(started: Started): void | Promise<void>;
  /** Once this is there the frame is taken. */
  shows: string | RegExp;
}

const esc = '\u001b';
const down = '\u001b[B';

const stops: Stop[] = [
  { name: 'home', go: () => undefined, shows: 'shop healthy' },
  { name: 'help of home', go: press('?'), shows: 'Any key closes' },
  { name: 'games', go: press('x', 'space spin', 'g'), shows: '⏎ scorecard' },
  { name: 'debrief of a past game', go: press('\r'), shows: 'Alerts' },
  { name: 'briefing', go: press(esc, '⏎ scorecard', esc, 'space spin', '\r'), shows: 'On call for' },
  { name: 'live before anything happened', go: begin, shows: '01:35' },
  { name: 'live', go: page, shows: 'kubectl scale' },
  { name: 'help of live', go: press('?'), shows: 'Any key closes' },
  { name: 'live with an answer', go: press('x', 'what you did', 'r'), shows: 'Not yet' },
  { name: 'live with a question', go: press('g'), shows: 'job.batch' },
  { name: 'dashboards', go: press(esc, '[g] cause|g cause', 'd'), shows: '⏎ open' },
  { name: 'dashboard', go: press('\r'), shows: '▁▂▃' },
  { name: 'playbook', go: press(esc, '⏎ open', esc, 'what you did', 'p'), shows: 'the steps of' },
  { name: 'alerts', go: alerts, shows: '▶ pending' },
  { name: 'log', go: press(esc, 'what you did', 'e'), shows: 'QueueGrows pending' },
  { name: 'live for the game master', go: press(esc, 'what you did', 'm', 'y/n', 'y'), shows: '○ look' },
  { name: 'debrief', go: grade, shows: 'Alerts' },
];

/** Every screen, one after the other, in a terminal of this size. */
export async function walk(options: {
  columns: number;
  rows: number;
  env: NodeJS.ProcessEnv;
}): Promise<Frame[]> {
  let up: () => void = () => undefined;
  const started = start({ ...options, starting: new Promise<void>((resolve) => (up = resolve)) });
  const { terminal } = started;
  await terminal.shows('shop');
  const frames = [await frame('starting', terminal)];
  up();
  for (const { name, go, shows } of stops) {
    await go(started);
    await terminal.shows(shows);
    frames.push(await frame(name, terminal));
  }
  return frames;
}

async function frame(name: string, terminal: TestTerminal): Promise<Frame> {
  const lines = await terminal.lines();
  return {
    name: name.replaceAll(' ', '-'),
    text: lines.map((line) => line.trimEnd()).join('\n'),
    colours: await terminal.colours(),
  };
}

/** A key, what is waited for, the next key … */
function press(...keysAndTexts: string[]): Stop['go'] {
  return async ({ terminal }) => {
    for (const [index, one] of keysAndTexts.entries()) {
      if (index % 2 === 0) terminal.type(one);
      else await terminal.shows(new RegExp(one));
    }
  };
}

async function begin({ terminal, game }: Started): Promise<void> {
  terminal.type('\r');
  await terminal.shows('what you did');
  game.happen({ type: 'injected' });
  game.happen({ type: 'phase-entered', phase: 'respond' });
}

/** The page comes, and somebody looks, changes something, and is refused. */
function page({ game }: Started): void {
  game.happen({ type: 'injected' });
  for (const [index, value] of [0.12, 0.14, 0.11, 0.5, 1.4, 1.94].entries())
    game.happen({ type: 'signals-sampled', samples: [{ id: 'p95', value }] }, { at: began + index * 5_000 });
  game.happen(
    {
      type: 'alert-changed',
      name: 'CheckoutLatencyHigh',
      labels: { severity: 'critical', owner: 'checkout' },
      annotations: { runbook_url: 'https://r/latency-without-a-deploy' },
      state: 'firing',
      activeAt: began + 30_000,
    },
    { at: began + 30_000 },
  );
  game.happen({
    type: 'oracle-checked',
    checks: [{ id: 'source-stopped', holds: false, seen: 'one pod runs' }],
    holds: false,
    heldForMs: 0,
  });
  const action = { until: 0, who: 'responder', surface: 'kubectl' as const, requests: [] };
  const titles = ['kubectl get pods -n shop', 'kubectl get secrets -n shop', 'kubectl scale deploy/checkout'];
  for (const [index, effect] of (['read', 'attempted', 'mutate'] as const).entries()) {
    const at = began + 40_000 + index * 11_000;
    const title = titles[index] ?? '';
    game.happen({ type: 'action-seen', action: { ...action, id: effect, at, effect, title } }, { at });
  }
}

/** One alert that is over and one that is pending, besides that which fires. */
async function alerts({ terminal, game }: Started): Promise<void> {
  const alert = { type: 'alert-changed', labels: { severity: 'warning' }, annotations: {} } as const;
  const edge = { ...alert, name: 'EdgeErrors', activeAt: began + 60_000 };
  game.happen({ ...edge, state: 'firing' }, { at: began + 60_000 });
  game.happen({ ...edge, state: 'inactive' }, { at: began + 70_000 });
  const summary =
    'More requests wait than are answered, and the queue that they wait in has grown for five minutes.';
  const annotations = { summary, runbook_url: 'https://r/queue' };
  const at = began + 80_000;
  game.happen({ ...alert, name: 'QueueGrows', annotations, state: 'pending', activeAt: at }, { at });
  await press(
    esc,
    'what you did',
    'l',
    'EdgeErrors',
    down,
    '▶ inactive',
    down,
  )({ terminal, game } as Started);
}

function grade({ game }: Started): void {
  game.happen({ type: 'ended', ending: 'mitigated', why: '' }, { at: now });
  game.happen({ type: 'graded', file: 'scorecard.json' }, { at: now });
}
