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
    const alert = { name: 'Slow', labels: {}, annotations: {}, activeAt: began };
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
