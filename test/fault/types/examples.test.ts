import { expect, it } from 'vitest';
import type { Guard } from '../../../src/fault/guard-rails.ts';
import { preflight } from '../../../src/fault/preflight.ts';
import { faultTypes } from '../../../src/fault/registry.ts';
import { bench } from './broken.ts';

const at = bench();
const guard: Guard = {
  namespaces: ['shop', 'batch'],
  contextAllowed: true,
  limits: { minutes: 40, requestsPerSecond: 2000, workloads: { percent: 50 }, nodes: { count: 1 } },
  secondsToPlay: 600,
};

it.each(Object.values(faultTypes))(
  'the example of $type can be played on the shop',
  async ({ type, example }) => {
    const plan = await at.plan({ [type]: example });
    expect((await preflight(plan, guard, at.cluster)).refusals).toEqual([]);
  },
);
