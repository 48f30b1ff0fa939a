import { afterEach, describe, expect, it } from 'vitest';
import { began, briefed, endAll, live, now, start } from './scripted-game.ts';

afterEach(endAll);

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
    const screen = await terminal.shows('Prometheus does not answer; it is not known whether an alert fires');
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
      activeAt: 0,
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
      activeAt: 0,
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

  it('gives up a game that is being prepared, by esc and by q, and prepares it once (case C10)', async () => {
    const { terminal, game, done } = start();
    game.preparing = 60_000;
    await terminal.shows('space spin');
    terminal.type('\r');
    await terminal.shows('Preparing the game');
    terminal.type('\r');
    terminal.type('\r');
    await terminal.text();
    expect(game.prepared).toBe(1);
    terminal.type('\u001b');
    await terminal.shows('The game was cancelled; nothing was changed.');
    terminal.type('\r');
    await terminal.shows('Preparing the game');
    terminal.type('q');
    await done;
    expect(game).toMatchObject({ prepared: 2, calledOff: 2, declared: [] });
    expect(terminal.raw.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
  });

  it('never says of a real cluster that it starts on this machine', async () => {
    const { terminal } = start({ cluster: 'staging' });
    expect(terminal.raw + (await terminal.text())).not.toContain('starting on this machine');
  });

  it('wraps the scorecard anew for another width', async () => {
    const { terminal, game } = await live();
    game.happen({ type: 'ended', ending: 'mitigated', why: '' });
    game.happen({ type: 'graded', file: 'scorecard.json' });
    await terminal.shows('drawn for 78 columns');
    terminal.resize(120, 40);
    await terminal.shows('drawn for 118 columns');
  });

  it('goes to the debrief when the game is graded, and home from there', async () => {
    const { terminal, game } = await live();
    game.happen({ type: 'ended', ending: 'mitigated', why: '' });
    game.happen({ type: 'graded', file: 'scorecard.json' });
    await terminal.shows('PAYING TAKES FOREVER (haymaker)');
    await terminal.shows('Alerts      B');
    terminal.type('r');
    await terminal.shows('Written: /games/x/report.html and, next to it, report.md');
    terminal.type('\r');
    await terminal.shows('space spin');
  });

  it('leaves alone whoever has gone on from the scorecard when the game is over for good', async () => {
    const { terminal, game } = await live();
    game.happen({ type: 'phase-entered', phase: 'debrief' });
    game.happen({ type: 'graded', file: 'scorecard.json' }, { over: false });
    await terminal.shows('Alerts      B');
    terminal.type('\r');
    await terminal.shows('space spin');
    terminal.type('g');
    await terminal.shows('2026-11-08-1500');
    game.happen({ type: 'graded', file: 'scorecard.json' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await terminal.text()).toContain('2026-11-08-1500');
  });

  it('goes back from the scorecard of a past game to the list, and home by ⏎', async () => {
    const { terminal } = start();
    await terminal.shows('space spin');
    terminal.type('g');
    await terminal.shows('▶ 2026-11-08-1500');
    terminal.type('\r');
    await terminal.shows('Alerts      B');
    terminal.type('\u001b');
    await terminal.shows('▶ 2026-11-08-1500');
    terminal.type('\r');
    await terminal.shows('Alerts      B');
    terminal.type('\r');
    await terminal.shows('space spin');
  });

  it('says that a claim is being checked until it is decided', async () => {
    const { terminal, game } = await live({ columns: 120 });
    game.happen({ type: 'claim-made', who: 'responder' }, { at: began + 30_000 });
    await terminal.shows(/00:30 {2}resolved\? checking/);
    game.happen({ type: 'claimed', who: 'responder', accepted: false, failing: [] }, { at: began + 31_000 });
    await terminal.shows(/00:31 {2}resolved\? not yet/);
    expect(await terminal.text()).not.toContain('checking: the fix');
  });

  it('counts a phase from zero, also where its beginning is later than the last look at the clock', async () => {
    const { terminal, game } = await briefed();
    game.happen({ type: 'phase-entered', phase: 'baseline' }, { at: now + 7_000 });
    await terminal.shows('measuring the baseline 00:00');
  });

  it('does not time what was done before the game has begun', async () => {
    const { terminal, game } = await briefed({ columns: 120 });
    game.happen({
      type: 'action-seen',
      action: {
        id: 'a',
        at: began,
        until: 0,
        who: 'responder',
        surface: 'kubectl',
        effect: 'read',
        title: 'kubectl get pods',
        requests: [],
      },
    });
    await terminal.shows(/ --:-- {2}kubectl get pods/);
  });

  it('says what the restore has left to others', async () => {
    const { terminal, game } = await live();
    game.happen({ type: 'ended', ending: 'mitigated', why: '' });
    const left = ['deployment/shop/edge spec.replicas: was 2, is 6: left to kubectl'];
    game.happen({ type: 'restore-verified', differences: [], conflicts: [], left });
    game.happen({ type: 'phase-entered', phase: 'debrief' });
    expect(await terminal.shows('cluster restored; grading')).toContain(left[0]);
  });

  it('shows the scorecard at once, completes it in its place, and does not hold anybody who leaves', async () => {
    const { terminal, game } = await live();
    const alert = { name: 'Slow', labels: {}, annotations: {}, activeAt: 0 };
    game.happen({ type: 'alert-changed', ...alert, state: 'firing' });
    game.happen({ type: 'ended', ending: 'mitigated', why: '' });
    game.happen({ type: 'phase-entered', phase: 'debrief' });
    game.happen({ type: 'graded', file: 'scorecard.json' });
    await terminal.shows('One alert still fires; this page updates when it resolves.');
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
    const seen = '0.41 s (expected below 250 ms)';
    game.happen({
      type: 'steady-state-awaited',
      unmet: [
        { id: 'p95', holds: false, seen },
        { id: 'all-tills', holds: false, seen: '5 entries' },
      ],
    });
    const screen = await terminal.shows(/waiting for the steady state/);
    expect(screen).toContain(`not ready: p95 latency ${seen}; 1 more steady`);
    expect(screen).not.toContain('all-tills');
    const alerts = {
      id: 'alerts-left-over',
      holds: false,
      seen: 'TillsGone is firing since the previous game',
    };
    game.happen({ type: 'steady-state-awaited', unmet: [alerts] });
    expect(await terminal.shows('not ready: an alert from the previous game is still')).not.toContain(
      'TillsGone',
    );
    game.happen({ type: 'baseline-taken', checks: [], alertsFiring: [], from: 0, until: 0 });
    await terminal.shows('measuring the baseline');
  });

  it('makes its help from the key table', async () => {
    const { terminal } = await live();
    terminal.type('?');
    await terminal.shows('claim that it is resolved');
    await terminal.shows('Ctrl-C');
    terminal.type('x');
    await terminal.shows('what you did');
  });

  it('aborts a running game on Ctrl-C and gives the terminal back', async () => {
    const { terminal, game, done } = await live();
    terminal.type('\u0003');
    await done;
    expect(game.declared.at(-1)).toEqual({ type: 'abort', who: 'responder' });
    expect(terminal.raw.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
  });

  it('aborts it when the terminal is gone, though nobody says so by a signal', async () => {
    const { terminal, game, done } = await live();
    terminal.stdin.push(null);
    await done;
    expect(game.declared.at(-1)).toEqual({ type: 'abort', who: 'responder' });
    const failure = Object.assign(new Error('write EIO'), { code: 'EIO' });
    expect(() => terminal.stdout.emit('error', failure)).not.toThrow();
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
    await terminal.shows('The window is too small: 50×12. It needs at least');
  });

  it('keeps the key that lists all keys at the foot of the narrowest window', async () => {
    const { terminal } = await live({ columns: 60, rows: 20 });
    await terminal.shows(/ a ack .*cause {2}\? keys\s*$/);
    terminal.resize(120, 40);
    await terminal.shows(/r resolved {3}q abort {3}\? keys/);
  });
});
