import { afterEach, describe, expect, it } from 'vitest';
import { began, created, endAll, live, start } from './scripted-game.ts';

afterEach(endAll);

describe('a game in the interface', () => {
  it('shows the page, the signals and what was done, and gives nothing away', async () => {
    const { terminal, game } = await live({ columns: 120 });
    game.happen({ type: 'signals-sampled', samples: [{ id: 'p95', value: 1.94 }] });
    game.happen({
      type: 'alert-changed',
      name: 'CheckoutLatencyHigh',
      labels: { severity: 'critical', owner: 'checkout' },
      annotations: { runbook_url: 'https://r/latency-without-a-deploy' },
      state: 'firing',
      activeAt: began,
    });
    game.happen({
      type: 'action-seen',
      action: {
        id: 'a',
        at: began + 75_000,
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
      /● CheckoutLatencyHigh {2}critical {2}team checkout {2}→ latency-without-a-deploy +\[a\]ck/,
    );
    expect(screen).toMatch(/p95 latency +1\.94 s/);
    expect(screen).toMatch(/01:15 {2}kubectl get pods -n shop +read/);
    expect(screen).not.toMatch(/haymaker|source-stopped|oracle/);
  });

  it('counts from the injection, as the reports do, and down to when the time is up at this speed', async () => {
    const { terminal, game } = start();
    await terminal.shows('space spin');
    terminal.type('\r');
    await terminal.shows('Time: 20:00');
    game.happen({ ...created, timeout: 20 * 60, speed: 2 });
    await terminal.shows('Time: 10:00');
    terminal.type('\r');
    await terminal.shows('what you did');
    // What is broken took 13 s to become ready, and its effect 7 s to show.
    game.happen({ type: 'injected', since: began }, { at: began + 13_000 });
    game.happen({ type: 'phase-entered', phase: 'respond' }, { at: began + 20_000 });
    await terminal.shows(/01:35 +08:25 left/);
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
        at: began + 1,
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
    await terminal.shows('Suspected root cause');
    terminal.type('exp');
    await terminal.shows('▶ job.batch/batch/export');
    terminal.type('\r');
    await terminal.shows('▶ load       more requests come than it can serve');
    terminal.type('\r');
    await expect
      .poll(() => game.declared.at(-1))
      .toEqual({ type: 'diagnose', who: 'responder', origin: 'job.batch/batch/export', mechanism: 'load' });
  });

  it('narrows the list of mechanisms as the first list, by name and by words, and takes nothing that is not on it', async () => {
    const { terminal, game } = await live();
    terminal.type('g');
    await terminal.shows('Suspected root cause');
    terminal.type('\r');
    await terminal.shows('Type of failure');
    terminal.type('address');
    await terminal.shows('▶ upstream   an address that traffic is sent to is wrong');
    expect(await terminal.text()).not.toContain('load ');
    terminal.type('x');
    await terminal.shows('no match');
    terminal.type('\r');
    await new Promise((resolve) => setImmediate(resolve));
    expect(await terminal.text()).toContain('no match');
    terminal.type('\u007f');
    await terminal.shows('▶ upstream');
    terminal.type('\r');
    await expect
      .poll(() => game.declared.at(-1))
      .toEqual({ type: 'diagnose', who: 'responder', mechanism: 'upstream' });
  });

  it('swallows none of the keys that come at once', async () => {
    const { terminal, game } = await live();
    terminal.type('ntold support\rr');
    await expect.poll(() => game.declared.map(({ type }) => type)).toEqual(['start', 'note', 'resolve']);
    expect(game.declared[1]).toMatchObject({ text: 'told support' });
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

  it('goes back from a dashboard to where it was in the list', async () => {
    const { terminal } = await live();
    terminal.type('d');
    await terminal.shows('▶ shop-overview');
    terminal.type('\u001b[B');
    await terminal.shows('▶ edge');
    terminal.type('\r');
    await terminal.shows('1.94 s');
    terminal.type('q');
    await terminal.shows('▶ edge');
  });

  it('scrolls to the end of a page and no further, so that one ↑ is seen', async () => {
    const { terminal, game } = await live();
    game.remarks = 30;
    game.happen({ type: 'graded', file: 'scorecard.json' });
    await terminal.shows('remark 17');
    for (let pressed = 0; pressed < 40; pressed++) terminal.type('\u001b[B');
    expect(await terminal.shows('remark 30')).not.toMatch(/remark 11\b/);
    terminal.type('\u001b[A');
    expect(await terminal.shows(/remark 11\b/)).not.toContain('remark 30');
  });

  it('follows the events of the game, newest last, stays where one has scrolled to, and gives nothing away', async () => {
    const { terminal, game } = await live();
    const note = (text: string) => game.happen({ type: 'noted', who: 'responder', text });
    game.happen({ type: 'monitor-failed', part: 'prometheus', error: 'query of the oracle' });
    game.happen({
      type: 'effect-seen',
      fault: 'haymaker',
      check: { id: 'source-stopped', holds: false, seen: '' },
      afterMs: 10,
    });
    for (let index = 1; index <= 30; index++) note(`note ${index}.`);
    terminal.type('e');
    const screen = await terminal.shows('responder: note 30.');
    expect(screen).toContain('note 13.');
    expect(screen).not.toContain('note 12.');
    note('note 31.');
    await terminal.shows('responder: note 31.');
    for (let pressed = 0; pressed < 60; pressed++) terminal.type('\u001b[A');
    const top = await terminal.shows('14:05. Support says');
    expect(top).toContain('prometheus does not answer\n');
    expect(top).not.toMatch(/note 31|oracle|haymaker|source-stopped/);
    terminal.type('\u001b[B');
    await expect.poll(() => terminal.text()).toContain('note 14.');
  });

  it('keeps clock and alert in sight while dashboards are looked at', async () => {
    const { terminal, game } = await live();
    game.happen({
      type: 'alert-changed',
      name: 'CheckoutLatencyHigh',
      labels: { severity: 'critical', owner: 'checkout' },
      annotations: {},
      state: 'firing',
      activeAt: began,
    });
    await terminal.shows('● CheckoutLatencyHigh');
    terminal.type('d');
    expect(await terminal.shows('⏎ open')).toContain('● CheckoutLatencyHigh');
    terminal.type('\r');
    expect(await terminal.shows('1.94 s')).toContain('● CheckoutLatencyHigh');
    expect(await terminal.text()).toMatch(/\d left/);
    terminal.type('a');
    await terminal.shows('Noted.');
    expect(game.declared.at(-1)).toEqual({ type: 'ack', who: 'responder' });
  });

  it('reads the playbook that the alert leads to, and says so where there is none', async () => {
    const { terminal, game } = await live();
    terminal.type('p');
    await terminal.shows('No firing alert links to a playbook.');
    game.happen({
      type: 'alert-changed',
      name: 'CheckoutLatencyHigh',
      labels: {},
      annotations: { runbook_url: 'https://runbooks.example/latency.md#stop' },
      state: 'firing',
      activeAt: began,
    });
    await terminal.shows('→ latency');
    terminal.type('p');
    await terminal.shows('the steps of latency');
    terminal.type('q');
    await terminal.shows('what you did');
  });

  it.each([
    ['d', '⏎ open', 'what you did'],
    ['?', 'Any key closes', 'what you did'],
  ])('goes back by q as by esc (%s)', async (key, there, back) => {
    const { terminal } = await live();
    for (const leave of ['q', '\u001b']) {
      terminal.type(key);
      await terminal.shows(there);
      terminal.type(leave);
      await terminal.shows(back);
    }
  });
});

describe('the titles of the signals', () => {
  const long = { id: 'late', title: "How far the page's price list is behind", unit: 's', query: 'late' };
  it.each([
    [80, 'How far the page’s p… 7 s'],
    [120, "How far the page's price list is behind 7 s"],
  ])('have what they need where there is room: at %i columns', async (columns, line) => {
    const { terminal, game } = await live({ columns });
    game.happen({ ...created, signals: [...created.signals, long] });
    game.happen({ type: 'signals-sampled', samples: [{ id: 'late', value: 7 }] });
    await terminal.shows(line.replace('’', "'"));
  });
});
