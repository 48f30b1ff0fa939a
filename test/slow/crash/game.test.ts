import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlainGame } from '../e2e/place.ts';
import { crashAtEach } from './matrix.ts';
import type { CrashPoint } from './proxy.ts';
import { WholeGames } from './whole-game.ts';

let games: WholeGames;
beforeAll(async () => {
  games = await WholeGames.start();
}, 120_000);
afterAll(() => games.close());

/** CI has no time for all crash points of whole games: it says how many of each part it wants. */
const most = Number(process.env.MISFORTUNE_CRASH_POINTS ?? Number.POSITIVE_INFINITY);

const modes = [
  { who: 'nobody', responding: false, guarded: false, most },
  { who: 'a responder', responding: true, guarded: false, most },
  // Bringing the guardian along takes a game some seconds and twice the writes.
  { who: 'nobody and a guardian', responding: false, guarded: true, most: Math.min(most, 12) },
];

describe.each(modes)(
  'a whole game in which $who changes things in between',
  ({ who, responding, guarded, most }) => {
    it('leaves nothing after recover, whichever write it was killed at', { timeout: 3_600_000 }, async () => {
      const { writes, responseAt } = await withoutCrash(responding, guarded);
      const first = responding ? responseAt + 1 : 1;
      const wrong = await crashAtEach(
        `game, changed by ${who}`,
        writes,
        first,
        (at, point) => crashAt(at, point, responding, guarded),
        most,
      );
      expect(wrong).toEqual([]);
    });
  },
);

describe('recover', () => {
  it('leaves nothing when it is run again, whichever write it was killed at', {
    timeout: 3_600_000,
  }, async () => {
    const { writes } = await killedGame();
    expect(await crashAtEach('recover', writes, 1, crashRecoverAt, most)).toEqual([]);
  });
});

/** All of it to the end: its writes in order, and how many there were before anybody responded. */
async function withoutCrash(
  responding: boolean,
  guarded: boolean,
): Promise<{ writes: string[]; responseAt: number }> {
  const { proxy } = games;
  proxy.arm(undefined);
  const game = games.begin(guarded);
  expect(await games.isPlayed(game), endOf(game)).toBe(true);
  const responseAt = proxy.writes.length;
  if (responding) expect(await games.respond()).toMatchObject({ exitCode: 0 });
  await games.playOn(game, false);
  expect({ end: await game.ended, said: game.said() }).toMatchObject({ end: 130 });
  expect(await games.differences()).toEqual([]);
  return { writes: [...proxy.writes], responseAt };
}

/** Kills a game at a write and recovers; gives what is different from before it. */
async function crashAt(
  at: number,
  point: CrashPoint,
  responding: boolean,
  guarded: boolean,
): Promise<string[]> {
  let game: PlainGame | undefined;
  // On a busy machine something may be too slow for a game, which then ends by itself: it is played once more.
  for (let turn = 0; turn < 2; turn += 1) {
    games.proxy.arm({ at, point, kill: () => games.kill(game!) });
    game = games.begin(guarded);
    await games.playOn(game, responding);
    if ((await game.ended) === 'SIGKILL') return recovered();
    process.stdout.write(`write ${at} ${point}: the game ended before it, ${endOf(game)}\n`);
  }
  return [`was not killed but ended with ${await game!.ended}: ${endOf(game!)}`];
}

/** Restores as people do, and once more; gives what is left. */
async function recovered(): Promise<string[]> {
  const { proxy } = games;
  proxy.arm(undefined);
  const { exitCode, stdout, stderr } = await games.recover('--verify').result;
  if (exitCode !== 0) return [`recover: exit ${exitCode}: ${stdout} ${stderr}`];
  const results = JSON.parse(stdout) as { game: string; fromBaseline?: string[] }[];
  proxy.arm(undefined);
  const again = await games.recover().result;
  return [
    ...results.flatMap(({ fromBaseline }) => fromBaseline ?? ['recover --verify had no baseline']),
    ...(await games.differences()),
    ...(again.stdout.trim() === '[]' ? [] : [`recover again: ${again.stdout} ${again.stderr}`]),
    ...proxy.writes.map((write) => `recover again: ${write}`),
  ];
}

/** A game that is killed while it is played, after a responder changed things; the writes of its recovery. */
async function killedGame(): Promise<{ writes: string[] }> {
  await leaveBroken();
  games.proxy.arm(undefined);
  const { exitCode, stderr } = await games.recover().result;
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  const writes = [...games.proxy.writes];
  expect(await recovered()).toEqual([]);
  return { writes };
}

async function leaveBroken(): Promise<void> {
  games.proxy.arm(undefined);
  const game = games.begin();
  expect(await games.isPlayed(game), endOf(game)).toBe(true);
  expect(await games.respond()).toMatchObject({ exitCode: 0 });
  await games.kill(game);
}

/** Kills the recovery of a killed game at a write, and recovers again. */
async function crashRecoverAt(at: number, point: CrashPoint): Promise<string[]> {
  await leaveBroken();
  let recovery: ReturnType<WholeGames['recover']> | undefined;
  games.proxy.arm({ at, point, kill: () => recovery!.kill() });
  recovery = games.recover();
  const { exitCode, stderr } = await recovery.result;
  if (exitCode !== null) return [`recover was not killed but ended with ${exitCode}: ${stderr}`];
  return recovered();
}

function endOf({ events, said }: PlainGame): string {
  return JSON.stringify(events.find(({ type }) => type === 'ended') ?? said());
}
