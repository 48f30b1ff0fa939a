import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isPhase, Place, startingMs } from './place.ts';
import { familyOf, survivors, until } from './processes.ts';
import { Screen } from './screen.ts';

let place: Place;
beforeAll(async () => {
  place = new Place();
  await place.startSandbox();
}, startingMs);
afterAll(() => place.close());

const isGone = (pid: number) => until(`process ${pid} has ended`, () => survivors([pid]).length === 0);

describe('a game without a terminal', () => {
  afterEach(() => place.healthy(), 100_000);

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
    'restores the cluster on %s and exits with 130',
    async (signal) => {
      const game = await place.playing('haymaker');
      expect(await place.differences()).not.toEqual([]);
      game.child.kill(signal);
      expect(await game.ended).toBe(130);
      expect(await place.differences()).toEqual([]);
    },
    120_000,
  );

  it('is restored by its conductor when the command line is killed with kill -9', async () => {
    const game = await place.playing('haymaker');
    const conductor = place.conductorPid();
    expect(await place.differences()).not.toEqual([]);
    game.child.kill('SIGKILL');
    await isGone(conductor);
    expect(await place.differences()).toEqual([]);
    expect((await place.run(['recover'])).stdout).toContain('There is nothing to restore');
  }, 120_000);

  it('is offered for recovery after kill -9 of its conductor, and recovers once and for all', async () => {
    const game = await place.playing('broken-upstream');
    process.kill(place.conductorPid(), 'SIGKILL');
    expect(await game.ended).toBe(5);
    expect(game.said()).toContain('misfortune recover');
    expect(await place.differences()).not.toEqual([]);
    const recovered = await place.run(['recover']);
    expect(recovered).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('0 differences') });
    expect(await place.differences()).toEqual([]);
    expect(await place.run(['recover'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('There is nothing to restore'),
    });
  }, 150_000);
});

describe('a game in a terminal', () => {
  let screen: Screen;
  afterEach(async () => {
    screen.close();
    await place.healthy();
  }, 100_000);

  const begin = async (env: NodeJS.ProcessEnv = {}) => {
    await place.healthy();
    screen = Screen.misfortune(['play', 'haymaker', '--speed', String(place.speed)], {
      ...place.env,
      ...env,
    });
    await screen.shows(/paying takes forever/i);
    screen.type('\r');
    await screen.shows('⏎ begin');
    screen.type('\r');
    // What guards a game differs from a fresh sandbox as well: only the alert shows that the shop is broken.
    await screen.shows(/CheckoutLatencyHigh/);
    expect(await place.differences()).not.toEqual([]);
    expect(screen.isAlternate).toBe(true);
  };
  const isGivenBack = async () => {
    await screen.text();
    expect({ alternate: screen.isAlternate, cursor: screen.showsCursor }).toEqual({
      alternate: false,
      cursor: true,
    });
  };

  it('gives cluster and terminal back on Ctrl-C, and leaves a line on how the game ended', async () => {
    await begin();
    screen.type('\u0003');
    await screen.ended;
    await isGivenBack();
    expect(await screen.text()).toMatch(/Game \S+: Paying takes forever.* aborted {3}restored, verified/s);
    expect(await place.differences()).toEqual([]);
  }, 150_000);

  it('gives the cluster back when its window is closed', async () => {
    await begin();
    const conductor = place.conductorPid();
    screen.close();
    await isGone(conductor);
    expect(await place.differences()).toEqual([]);
  }, 150_000);

  it('gives the cluster back when the interface is killed with kill -9', async () => {
    await begin();
    const conductor = place.conductorPid();
    process.kill(screen.pty.pid, 'SIGKILL');
    await isGone(conductor);
    expect(await place.differences()).toEqual([]);
  }, 150_000);

  it('gives cluster and terminal back when the interface itself crashes', async () => {
    const bomb = "process.on('SIGUSR2', () => setTimeout(() => { throw new Error('a crash on purpose') }))";
    await begin({ NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(bomb)}"` });
    const conductor = place.conductorPid();
    process.kill(screen.pty.pid, 'SIGUSR2');
    expect(await screen.ended).not.toBe(0);
    await isGivenBack();
    expect(screen.raw).toContain('a crash on purpose');
    await isGone(conductor);
    expect(await place.differences()).toEqual([]);
  }, 150_000);

  it('says so when its conductor is killed with kill -9, and the next start offers to recover', async () => {
    await begin();
    process.kill(place.conductorPid(), 'SIGKILL');
    await screen.shows(/ended without restoring the cluster/);
    screen.type('\u0003');
    await screen.ended;
    await isGivenBack();
    expect(await place.differences()).not.toEqual([]);
    screen = Screen.misfortune(['play', '--speed', String(place.speed)], place.env);
    await screen.shows('Restore it now?');
    screen.type('y');
    await screen.shows('0 differences');
    screen.type('q');
    await screen.ended;
    await isGivenBack();
    expect(await place.differences()).toEqual([]);
  }, 150_000);
});

describe('kill -9 of everything', () => {
  it('leaves no process after 5 s, not even a pod that never yields', async () => {
    const game = await place.playing('haymaker');
    const command = ['run', 'busy', '-n', 'shop', '--image=node:20-slim', '--restart=Never'];
    await place.join(`kubectl ${command.join(' ')} -- node -e 'for (;;);'`);
    const busy = await until('the busy pod runs', () =>
      familyOf([place.sandbox().pid]).find(({ args }) => args.includes('for (;;)')),
    );
    const family = familyOf([game.child.pid!, place.conductorPid(), place.sandbox().pid]);
    expect(family.map(({ pid }) => pid)).toContain(busy.pid);
    expect(family.length).toBeGreaterThan(12);
    // Programs of ours only: pods are to end by themselves.
    const ours = family.filter(({ args }) =>
      /launch\.mjs|dist\/(cli|conductor|sandbox|runtime)\.c?js/.test(args),
    );
    for (const { pid } of ours) process.kill(pid, 'SIGKILL');
    await until('all of them have ended', () => survivors(family.map(({ pid }) => pid)).length === 0, 5_000);
    expect(game.events.some(isPhase('ended'))).toBe(false);
    const { exitCode, stdout } = await place.run(['recover']);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/its sandbox no longer exists/),
    });
  }, 150_000);
});

describe('a game that others want to get rid of', () => {
  it('case C7: is named by `recover`, which refuses, and is ended and restored before its sandbox stops', async () => {
    // What comes before may have ended it.
    await place.startSandbox();
    await place.healthy();
    const game = await place.playing('haymaker');
    const refused = await place.run(['recover']);
    expect(refused.exitCode).toBe(3);
    expect(refused.stderr).toMatch(/Game \S+ still runs; it restores the cluster when it ends/);
    const stopped = await place.run(['sandbox', 'stop']);
    expect(stopped).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('The sandbox is stopped.'),
    });
    expect(stopped.stderr).toMatch(/Stopping game \S+ first/);
    expect(await game.ended).toBe(130);
    expect(game.said()).toMatch(/restored, verified/s);
  }, 150_000);
});
