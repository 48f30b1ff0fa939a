import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gameFolders } from '../../../src/log/folder.ts';
import { Place, startingMs } from './place.ts';

let place: Place;
beforeAll(async () => {
  place = new Place();
  await place.startSandbox();
}, startingMs);
afterAll(() => place.close());

/** What a person in a panic does, a name and the commands. */
const panics: [string, string, string[]][] = [
  [
    'restarts everything',
    'haymaker',
    ['kubectl -n shop rollout restart deployment', 'kubectl -n shop rollout status deployment/checkout'],
  ],
  ['scales checkout to zero', 'haymaker', ['kubectl -n shop scale deployment checkout --replicas=0']],
  [
    'deletes a Deployment, a Service and a ConfigMap',
    'broken-upstream',
    [
      'kubectl -n shop delete deployment storefront',
      'kubectl -n shop delete service checkout',
      'kubectl -n shop delete configmap edge-upstreams',
    ],
  ],
];

describe('somebody who plays badly', () => {
  it.each(panics)(
    '%s: the claim is refused, the scorecard says so, and afterwards the shop is healthy again',
    async (_, scenario, commands) => {
      const game = await place.playing(scenario);
      const { stdout, stderr } = await place.join([...commands, 'misfortune resolve'].join('\n'));
      expect(stdout + stderr).toContain('Not resolved: ');
      const claim = await game.happened('the claim is decided', ({ type }) => type === 'claimed');
      expect(claim).toMatchObject({ accepted: false });
      const seen = game.events.filter(({ type }) => type === 'action-seen');
      expect(seen.length).toBeGreaterThanOrEqual(commands.length);
      expect(await place.differences()).not.toEqual([]);
      game.child.kill('SIGINT');
      expect(await game.ended).toBe(130);
      expect(game.events.find(({ type }) => type === 'restore-verified')).toMatchObject({
        differences: [],
        conflicts: [],
      });
      await place.healthy();
      expect(await place.differences()).toEqual([]);
      const folder = gameFolders(place.home).at(-1)!;
      expect(existsSync(join(folder.path, 'scorecard.json'))).toBe(true);
      const scorecard = readFileSync(join(folder.path, 'scorecard.json'), 'utf8');
      expect(scorecard).toContain('aborted');
    },
    180_000,
  );
});
