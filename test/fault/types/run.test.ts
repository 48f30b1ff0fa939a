import { expect, it } from 'vitest';
import { apply } from '../../../src/fault/apply/apply.ts';
import { endTurn, lookBeforeTurn, turnOf } from '../../../src/fault/revert/turn.ts';
import { run } from '../../../src/fault/types/run.ts';
import { bench } from '../bench.ts';
import { OutsideWorld } from '../outside-world.ts';

const world = new OutsideWorld();
const at = bench(world);

it('is done by a Job, undone by another, and leaves neither', async () => {
  await at.break({ run: run.example });
  expect(world.state).toBe('injected');
  await at.mend();
  expect(world.state).toBe('original');
});

it('leaves alone what was so before the game', async () => {
  world.state = 'injected';
  await at.break({ run: run.example });
  await at.mend();
  expect(world.state).toBe('injected');
  world.state = 'original';
});

it('comes again once it is undone, and not while it is there', async () => {
  const { operations } = await at.plan({ run: run.example });
  const [first, second] = [turnOf(operations, 1), turnOf(operations, 2)];
  await apply(first, at.game.engine);
  expect(await lookBeforeTurn(first, at.game.engine)).toMatchObject({ holds: false });
  await endTurn(first, at.game.engine);
  expect(await lookBeforeTurn(first, at.game.engine)).toMatchObject({ holds: true });
  await apply(second, at.game.engine);
  expect(world.state).toBe('injected');
  await at.mend();
});

it('is refused outside of the allowed namespaces, for a target that is not there, and under a telling name', async () => {
  const plan = (more: object) => at.plan({ run: { ...run.example, ...more } });
  await expect(plan({ target: 'service/kube-system/cache' })).rejects.toMatchObject({
    code: 'namespace-not-allowed',
  });
  await expect(plan({ target: 'service/shop/no-such' })).rejects.toMatchObject({ code: 'unknown-object' });
  await expect(plan({ disguise: { name: 'report', namespace: 'default' } })).rejects.toMatchObject({
    code: 'namespace-not-allowed',
  });
  await expect(plan({ disguise: { name: 'chaos', namespace: 'batch' } })).rejects.toMatchObject({
    code: 'telling-name',
  });
});
