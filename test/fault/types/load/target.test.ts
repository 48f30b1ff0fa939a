import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster, ClusterObject } from '../../../../src/cluster/cluster.ts';
import { fieldAt } from '../../../../src/cluster/fields/path.ts';
import { refOf } from '../../../../src/cluster/ref.ts';
import { type ControlPlane, startControlPlane } from '../../control-plane.ts';
import { flood, planFor } from '../../game.ts';

let plane: ControlPlane;
let cluster: Cluster;
const made: ClusterObject[] = [];
beforeAll(async () => {
  plane = await startControlPlane();
  cluster = plane.cluster;
});
afterAll(() => plane.close());

const checkout = { 'app.kubernetes.io/name': 'checkout' };
const service = (name: string, spec: object): ClusterObject => ({
  ...{ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop' } },
  spec,
});
const slice = (name: string, of: string, addresses: string[], more: object = {}): ClusterObject => ({
  ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4' },
  metadata: { name, namespace: 'shop', labels: { 'kubernetes.io/service-name': of } },
  endpoints: [{ addresses, conditions: { ready: false }, ...more }],
  ports: [{ name: '', port: 8080, protocol: 'TCP' }],
});

/** Where the Job of a load at this Service sends its requests, once the Service has as many addresses. */
async function targetOf(name: string, addresses: number, port?: number): Promise<string> {
  const labelSelector = `kubernetes.io/service-name=${name}`;
  const kind = { kind: 'endpointslices', group: 'discovery.k8s.io' };
  const count = async () => {
    const slices = await cluster.list(kind, { namespace: 'shop', labelSelector });
    return slices.flatMap(({ endpoints }) => (endpoints ?? []) as unknown[]).length;
  };
  await expect.poll(count, { timeout: 10_000 }).toBe(addresses);
  const spec = { ...flood.load, target: `service/shop/${name}`, ...(port !== undefined && { port }) };
  const { operations } = await planFor(cluster, { flood: { load: spec } });
  return /"TARGET_URL","value":"([^"]*)"/.exec(JSON.stringify(operations[1]))![1]!;
}

async function having<T>(objects: ClusterObject[], task: () => Promise<T>): Promise<T> {
  for (const object of objects) made.push(await cluster.create(object));
  try {
    return await task();
  } finally {
    for (const object of made.splice(0)) await cluster.delete(refOf(object));
  }
}

describe('the target of a load', () => {
  it('case F6: of a headless Service is asked on the port that its pods have', async () => {
    const numbered = { clusterIP: 'None', selector: checkout, ports: [{ port: 80, targetPort: 8080 }] };
    const url = await having([service('bare', numbered)], () => targetOf('bare', 2));
    expect(url).toBe('http://bare.shop:8080/quote');
  });

  it('case F6: of a headless Service with several ports is asked on the one that is chosen, by its name too', async () => {
    const path = ['spec', 'template', 'spec', 'containers', { name: 'checkout' }, 'ports'];
    const [first] = fieldAt(await cluster.get(deployment), path) as { name: string; containerPort: number }[];
    const { name: portName, containerPort } = first!;
    const ports = [
      { name: 'admin', port: 90, targetPort: 9090 },
      { name: 'web', port: 80, targetPort: portName },
    ];
    const spec = { clusterIP: 'None', selector: checkout, ports };
    const urls = await having([service('bare', spec)], async () => [
      await targetOf('bare', 2, 80),
      await targetOf('bare', 2, 90),
    ]);
    expect(urls).toEqual([`http://bare.shop:${containerPort}/quote`, 'http://bare.shop:9090/quote']);
  });

  it('with an address of its own is asked on its own port', async () => {
    const spec = { selector: checkout, ports: [{ port: 80, targetPort: 8080 }] };
    expect(await having([service('own', spec)], () => targetOf('own', 2))).toBe('http://own.shop/quote');
  });

  it('case F6: is refused where its selector finds no pod', async () => {
    const spec = { selector: { app: 'nobody' }, ports: [{ port: 80 }] };
    await having([service('empty', spec)], () =>
      expect(targetOf('empty', 0)).rejects.toMatchObject({
        code: 'target-without-pods',
        message: expect.stringContaining('its selector app=nobody finds none'),
      }),
    );
  });

  it.each([
    ['an address outside of the cluster', ['203.0.113.7'], {}],
    ['one of them not a pod of its namespace', ['10.244.0.250'], {}],
    [
      'a slice that calls a stranger a pod',
      ['203.0.113.8'],
      { targetRef: { kind: 'Pod', name: 'checkout-x', namespace: 'shop' } },
    ],
  ])('case F7: is refused for %s', async (_, addresses, more) => {
    const foreign = slice('by-hand', 'checkout', addresses, more);
    await having([foreign], () =>
      expect(targetOf('checkout', 3)).rejects.toMatchObject({
        code: 'target-outside',
        message: expect.stringMatching(
          new RegExp(`requests to ${addresses[0]} too \\(endpointslice/shop/by-hand\\)`),
        ),
      }),
    );
  });
});

const deployment = { kind: 'deployment', group: 'apps', namespace: 'shop', name: 'checkout' };
