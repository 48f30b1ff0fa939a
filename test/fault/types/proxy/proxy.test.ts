import { describe, expect, it } from 'vitest';
import type { ClusterObject } from '../../../../src/cluster/cluster.ts';
import { apply } from '../../../../src/fault/apply/apply.ts';
import { revert } from '../../../../src/fault/revert/revert.ts';
import { bench } from '../../bench.ts';

const at = bench();
const checkout = { kind: 'service', namespace: 'shop', name: 'checkout' };
const ours = { group: 'apps', kind: 'deployment', namespace: 'shop', name: 'quote-cache' };
const proxy = (more: Record<string, unknown> = {}) => ({
  proxy: { service: 'service/shop/checkout', delay: '1s', disguise: { name: 'quote-cache' }, ...more },
});

/** Pods that a Service leads to now, by the names of their apps. */
async function behind(service: string): Promise<string[]> {
  const labelSelector = `kubernetes.io/service-name=${service}`;
  const slices = await at.cluster.list(
    { kind: 'endpointslices', group: 'discovery.k8s.io' },
    { namespace: 'shop', labelSelector },
  );
  const names = slices.flatMap(({ endpoints }) =>
    (endpoints as { targetRef: { name: string } }[]).map(({ targetRef }) => targetRef.name.split('-', 2)[0]!),
  );
  return [...new Set(names)];
}

async function made(spec: ClusterObject['spec'], name = 'made'): Promise<() => Promise<unknown>> {
  const ref = { kind: 'service', namespace: 'shop', name };
  await at.cluster.create({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop' }, spec });
  return () => at.cluster.delete(ref);
}

describe('a proxy fault', () => {
  it('leads the Service to a proxy that reaches the pods by a Service of its own, and leads it back', async () => {
    const before = (await at.cluster.get(checkout))!.spec as { ports: object[]; selector: object };
    await at.break(proxy({ jitter: '500ms', errors: { share: 0.2 }, dropIdleAfter: '1m', share: 0.5 }));
    await expect.poll(() => behind('checkout')).toEqual(['quote']);
    await expect.poll(() => behind('quote-cache-origin')).toEqual(['checkout']);
    expect((await at.cluster.get(checkout))!.spec).toMatchObject({
      selector: { 'app.kubernetes.io/name': 'quote-cache', 'app.kubernetes.io/component': 'proxy' },
      ports: [{ name: 'http', port: 8080, targetPort: 8080 }],
    });
    const origin = (await at.cluster.get({ ...checkout, name: 'quote-cache-origin' }))!;
    expect(origin.spec).toMatchObject({ selector: before.selector, ports: before.ports });
    const { containers } = (
      (await at.cluster.get(ours))!.spec as { template: { spec: { containers: { env: object[] }[] } } }
    ).template.spec;
    const env = Object.entries({
      HOST: 'quote-cache-origin.shop',
      PORTS: '[{"listen":8080,"port":8080}]',
      SHARE: '0.5',
      DELAY_MS: '1000',
      JITTER_MS: '500',
      IDLE_MS: '60000',
      ERROR_SHARE: '0.2',
      ERROR_STATUS: '503',
    }).map(([name, value]) => ({ name, value }));
    expect(containers[0]!.env).toEqual(expect.arrayContaining(env));
    await at.mend();
    await expect.poll(() => behind('checkout')).toEqual(['checkout']);
  });

  it('gives each port of the Service one of the proxy, and takes all labels of the selector away', async () => {
    const remove = await made({
      type: 'NodePort',
      selector: { app: 'x', track: 'stable' },
      ports: [
        { name: 'http', port: 80, targetPort: 'web' },
        { name: 'admin', port: 81, targetPort: 9090 },
      ],
    });
    const was = (await at.cluster.get({ ...checkout, name: 'made' }))!.spec as {
      ports: { nodePort: number }[];
    };
    await at.again();
    await at.break(proxy({ service: 'service/shop/made' }));
    const { selector, ports } = (await at.cluster.get({ ...checkout, name: 'made' }))!.spec as {
      selector: object;
      ports: object[];
    };
    expect(Object.keys(selector).sort()).toEqual(['app.kubernetes.io/component', 'app.kubernetes.io/name']);
    const [http, admin] = was.ports;
    expect(ports).toEqual([
      { ...http, targetPort: 8080 },
      { ...admin, targetPort: 8081 },
    ]);
    expect(await revert(at.game.engine, { undoResponder: true })).toEqual({ differences: [], conflicts: [] });
    expect(((await at.cluster.get({ ...checkout, name: 'made' }))!.spec as typeof was).ports).toEqual(
      was.ports,
    );
    await remove();
  });

  it('changes nothing of the Service where the proxy does not get ready', async () => {
    const plan = await at.plan(proxy());
    const operations = plan.operations.map((operation) => ({
      ...operation,
      // No image of ours is pulled here that does not exist: a Deployment that is paused never rolls out.
      ...(operation.verb === 'create' &&
        operation.ref.kind === 'deployment' && {
          object: { ...operation.object, spec: { ...(operation.object.spec as object), paused: true } },
          ready: operation.ready.map((each) => ({ ...each, within: 1 })),
        }),
    }));
    await expect(apply(operations, at.game.engine)).rejects.toMatchObject({
      code: 'not-ready',
      message: expect.stringContaining('deployment.apps/shop/quote-cache did not get ready: 0 of 1 pods new'),
    });
    expect(await behind('checkout')).toEqual(['checkout']);
    await at.mend();
  });

  it.each([
    ['without a selector', { ports: [{ port: 80 }] }, 'has no selector'],
    ['that is headless', { clusterIP: 'None', selector: { app: 'x' }, ports: [{ port: 80 }] }, 'is headless'],
    ['of another name', { type: 'ExternalName', externalName: 'example.org' }, 'ExternalName'],
    [
      'with a UDP port',
      { selector: { app: 'x' }, ports: [{ name: 'dns', port: 53, protocol: 'UDP' }] },
      'the UDP port 53',
    ],
    [
      'with affinity',
      { selector: { app: 'x' }, sessionAffinity: 'ClientIP', ports: [{ port: 80 }] },
      'the session affinity ClientIP',
    ],
    [
      'that stays on its node',
      { selector: { app: 'x' }, internalTrafficPolicy: 'Local', ports: [{ port: 80 }] },
      'internalTrafficPolicy Local',
    ],
  ])('is refused for a Service %s', async (_, spec, said) => {
    const remove = await made(spec);
    try {
      await expect(at.plan(proxy({ service: 'service/shop/made' }))).rejects.toMatchObject({
        code: 'not-proxyable',
        message: expect.stringContaining(said),
      });
    } finally {
      await remove();
    }
  });

  it.each([
    ['nothing to do', { delay: undefined }, 'at least one of delay, errors and dropIdleAfter'],
    ['more jitter than delay', { jitter: '2s' }, 'jitter to be at most delay'],
    ['an idle time below the delay', { dropIdleAfter: '1s', delay: '2s' }, 'at least delay and jitter'],
    ['a share of nothing', { errors: { share: 0 } }, 'Too small'],
    ['a status that is no error', { errors: { share: 1, status: 200 } }, 'Too small'],
    ['another namespace', { service: 'service/default/kubernetes' }, 'only shop, batch may be touched'],
    ['a Service that is not there', { service: 'service/shop/nobody' }, 'does not exist'],
  ])('is refused with %s', async (_, more, said) => {
    await expect(at.plan(proxy(more))).rejects.toThrow(said);
  });
});
