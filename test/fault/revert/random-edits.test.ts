import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { planFor, startTestGame } from '../game.ts';
import { respond } from '../responder.ts';

const ref = { kind: 'configmap', namespace: 'shop', name: 'settings' };
const keys = ['a', 'b', 'c'];
const key = fc.constantFrom(...keys);
const edits = fc.record({
  ours: fc.uniqueArray(key, { minLength: 1 }),
  later: fc.array(fc.record({ who: fc.constantFrom('responder', 'stranger'), key }), { maxLength: 6 }),
  answers: fc.boolean(),
});

let plane: ControlPlane;
let cluster: Cluster;
let stranger: Cluster;

beforeAll(async () => {
  plane = await startControlPlane();
  cluster = plane.cluster;
  stranger = await plane.other();
});
afterAll(() => plane.close());

describe('reverting through the API server, after random edits by responder and stranger', () => {
  it("takes ours and the responder's away, keeps the stranger's, and reports each clash", {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(edits, async ({ ours, later, answers }) => {
        // A recorder without answers cannot tell a stranger's last edit from the responder's.
        fc.pre(answers || later.every(({ who }) => who === 'responder'));
        const data = Object.fromEntries(keys.map((each) => [each, `original-${each}`]));
        await cluster.delete(ref);
        await cluster.create({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: ref.name, namespace: 'shop' },
          data,
        });
        const game = await startTestGame(cluster);
        const set = Object.fromEntries(ours.map((each) => [each, `ours-${each}`]));
        const plan = await planFor(cluster, { edit: { config: { configMap: 'shop/settings', set } } });
        await apply(plan.operations, game.engine);
        const responder = await respond(plane, game.ledger, { answers });
        const expected: Record<string, string> = { ...data };
        for (const [index, edit] of later.entries()) {
          const body = { data: { [edit.key]: `${edit.who}-${index}` } };
          if (edit.who === 'responder') await responder.patch(ref, body);
          else {
            await stranger.patch(ref, 'merge', body);
            expected[edit.key] = `stranger-${index}`;
          }
        }
        const { conflicts, differences } = await revert(game.engine, { undoResponder: true });
        expect((await cluster.get(ref))!.data).toEqual(expected);
        expect(differences).toEqual([]);
        for (const each of keys) {
          const touched =
            ours.includes(each) || later.some(({ who, key }) => who === 'responder' && key === each);
          const last = later.findLast((edit) => edit.key === each);
          if (touched && last?.who === 'stranger' && ours.includes(each))
            expect(conflicts.join('\n')).toContain(`data.${each}`);
        }
        const again = await revert(game.engine, { undoResponder: true, decide: async () => 'theirs' });
        expect(again).toEqual({ differences: [], conflicts: [] });
        expect((await cluster.get(ref))!.data).toEqual(expected);
        await game.end();
      }),
      { numRuns: 12 },
    );
  });
});
