import { describe, expect, it } from 'vitest';
import { fieldAt } from '../../../src/cluster/fields/path.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import { bench } from '../bench.ts';
import { planFor } from '../game.ts';

const ref = { kind: 'deployment', group: 'apps', namespace: 'shop', name: 'checkout' };
const container = ['spec', 'template', 'spec', 'containers', { name: 'checkout' }];

const on = bench();
const workload = (spec: Record<string, unknown>) =>
  planFor(on.cluster, { change: { workload: { ref: 'deployment.apps/shop/checkout', ...spec } } });

describe('a workload fault', () => {
  it('changes image, command, variables, resources, probes, replicas and strategy in one write, and all of it back', async () => {
    const plan = await workload({
      image: 'node:18-slim',
      command: ['node', '/app/other.cjs'],
      env: { PORT: 9999, EXTRA: 'yes' },
      resources: { limits: { cpu: '100m', memory: null }, requests: { cpu: 0.05 } },
      probes: { readiness: { path: '/nowhere', timeoutSeconds: 1 }, liveness: null },
      replicas: 1,
      strategy: { type: 'Recreate' },
    });
    expect(plan.operations).toHaveLength(1);
    await apply(plan.operations, on.game.engine);
    expect(on.game.events).toContainEqual(expect.objectContaining({ verdict: 'confirmed' }));
    const now = await on.cluster.get(ref);
    const at = (...path: string[]) => fieldAt(now, [...container, ...path]);
    expect(at('image')).toBe('node:18-slim');
    expect(fieldAt(now, [...container, 'env', { name: 'PORT' }])).toEqual({ name: 'PORT', value: '9999' });
    expect(at('resources', 'limits')).toEqual({ cpu: '100m' });
    expect(at('readinessProbe', 'httpGet', 'path')).toBe('/nowhere');
    expect(at('livenessProbe')).toBeUndefined();
    expect(fieldAt(now, ['spec', 'strategy'])).toEqual({ type: 'Recreate' });
    await on.mend();
  });

  it('gives a container a probe that it did not have', async () => {
    const plan = await workload({ probes: { startup: { port: 9, periodSeconds: 1 } } });
    await apply(plan.operations, on.game.engine);
    expect(fieldAt(await on.cluster.get(ref), [...container, 'startupProbe', 'tcpSocket', 'port'])).toBe(9);
    await on.mend();
  });

  it('waits for the rollout where it is asked to', async () => {
    const plan = await workload({ env: { EXTRA: '1' }, wait: 'rollout' });
    await apply(plan.operations, on.game.engine);
    const { updatedReplicas } = (await on.cluster.get(ref))!.status as { updatedReplicas: number };
    expect(updatedReplicas).toBe(2);
    await revert(on.game.engine, { undoResponder: true });
  });

  it.each([
    ['a container that is not there', { container: 'sidecar', image: 'x' }, 'unknown-container'],
    ['a probe that nobody described', { probes: { startup: { periodSeconds: 1 } } }, 'no-probe'],
    ['a kind without replicas', { ref: 'cronjob/batch/nightly', replicas: 0 }, 'no-such-field'],
    ['a kind that is no workload', { ref: 'job/batch/nightly', image: 'x' }, 'not-a-workload'],
    ['a workload that is not there', { ref: 'deployment.apps/shop/nobody', replicas: 0 }, 'unknown-object'],
    ['another namespace', { ref: 'deployment.apps/kube-system/x', replicas: 0 }, 'namespace-not-allowed'],
  ])('is refused for %s', async (_, spec, code) => {
    await expect(workload(spec)).rejects.toMatchObject({ code });
  });

  it.each([
    ['nothing to change', {}, 'Expected something to change'],
    [
      'a percentage without RollingUpdate',
      { strategy: { type: 'Recreate', maxSurge: 1 } },
      'only with RollingUpdate',
    ],
    ['what is no quantity', { resources: { limits: { cpu: 'lots' } } }, 'a quantity'],
  ])('does not parse with %s', async (_, spec, message) => {
    await expect(workload(spec)).rejects.toThrow(message);
  });
});

describe('two faults that touch the same field', () => {
  const clash = (left: object, right: object) =>
    planFor(on.cluster, { left, right } as Record<string, Record<string, unknown>>);
  const checkout = { ref: 'deployment.apps/shop/checkout' };

  it('are refused when they are planned, in whatever way each says it', async () => {
    await expect(
      clash(
        { workload: { ...checkout, replicas: 1 } },
        { patch: { ref: 'deployments/shop/checkout', merge: { spec: { replicas: 3 } } } },
      ),
    ).rejects.toMatchObject({ code: 'faults-clash', message: expect.stringContaining('spec.replicas') });
  });

  it('may touch the same object in other fields', async () => {
    const plan = await clash(
      { workload: { ...checkout, replicas: 1 } },
      { workload: { ...checkout, env: { A: 'b' } } },
    );
    expect(plan.operations).toHaveLength(2);
  });
});
