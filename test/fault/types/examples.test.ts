import { expect, it } from 'vitest';
import { type Guard, markerRef } from '../../../src/fault/plan/guard-rails.ts';
import { preflight } from '../../../src/fault/plan/preflight.ts';
import { faultTypes } from '../../../src/fault/types/registry.ts';
import { bench } from '../bench.ts';
import { guard } from '../game.ts';
import { OutsideWorld } from '../outside-world.ts';

const at = bench(new OutsideWorld());
/** What is done for everybody on a cluster is for the sandbox alone. */
const wholeCluster = new Set(['dns']);

it.each(Object.values(faultTypes))(
  'the example of $type can be played on the shop, on a cluster that is not the sandbox too if it stays in its namespaces',
  async ({ type, example }) => {
    const plan = await at.plan({ [type]: example });
    const refusals = async (more: Partial<Guard>) =>
      (await preflight(plan, { ...guard, ...more }, at.cluster)).refusals.map(({ code }) => code);
    expect(await refusals({})).toEqual(wholeCluster.has(type) ? ['whole-cluster'] : []);
    const { name, namespace } = markerRef;
    const marker =
      (await at.cluster.get(markerRef)) ??
      (await at.cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } }));
    expect(await refusals({ sandboxMarker: marker.metadata.uid })).toEqual([]);
  },
);
