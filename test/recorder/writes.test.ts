import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FaultyProxy, once, startFaultyProxy } from '../fault/faulty-proxy.ts';
import { startTestServer, type TestServer } from '../sandbox/apiserver/test-server.ts';
import { deployment, namespace, type Recorded, startRecorded } from './recorded.ts';

let server: TestServer;
let proxy: FaultyProxy;
let direct: Recorded;
let faulty: Recorded;
beforeAll(async () => {
  server = await startTestServer();
  server.api.create('namespaces', namespace('shop'));
  server.api.create('deployments.apps', deployment('checkout'));
  proxy = await startFaultyProxy(server);
  direct = await startRecorded(server);
  faulty = await startRecorded(server, proxy.kubeconfig, 'behind-faults');
});
afterAll(async () => {
  await direct.recorder.close();
  await faulty.recorder.close();
  await proxy.close();
  await server.close();
});
beforeEach(() => {
  for (const { actions, preimages } of [direct, faulty]) {
    actions.clear();
    preimages.length = 0;
  }
  proxy.fate = () => undefined;
});

const checkout = '/apis/apps/v1/namespaces/shop/deployments/checkout';
const titles = ({ actions }: Recorded) => [...actions.values()].map(({ title }) => title);
const effects = ({ actions }: Recorded) => [...actions.values()].map(({ effect }) => effect);

describe('case Q13: writes of a client that is not kubectl', () => {
  it('are each an action of their own, however quickly they follow, with what they changed', async () => {
    expect(await direct.send('PATCH', checkout, { spec: { replicas: 3 } })).toBe(200);
    const containers = [{ name: 'app', image: 'shop:2' }];
    expect(await direct.send('PATCH', checkout, { spec: { template: { spec: { containers } } } })).toBe(200);
    const stale = { metadata: { resourceVersion: '1' }, spec: { replicas: 9 } };
    expect(await direct.send('PATCH', checkout, stale)).toBe(409);
    await expect.poll(() => effects(direct)).toEqual(['mutate', 'mutate', 'attempted']);
    const [scaled, imaged, refused] = [...direct.actions.values()];
    expect(scaled?.requests).toMatchObject([
      { status: 200, changes: [{ path: 'spec.replicas', from: 2, to: 3 }] },
    ]);
    expect(imaged?.requests).toMatchObject([
      { changes: [{ path: 'spec.template.spec.containers[name=app].image', from: 'shop:1', to: 'shop:2' }] },
    ]);
    expect(refused?.requests).toMatchObject([{ status: 409 }]);
    expect(titles(direct).slice(0, 2)).toEqual([
      'patch deployment checkout -n shop (replicas: 2 → 3)',
      'patch deployment checkout -n shop (containers[name=app].image: shop:1 → shop:2)',
    ]);
    const ids = new Set(direct.preimages.map(({ actionId }) => actionId));
    expect([...ids].sort()).toEqual([...direct.actions.keys()].sort());
  });

  it('are no change where all is as it was to be', async () => {
    const { spec } = server.api.get('deployments.apps', 'shop', 'checkout') as unknown as {
      spec: { replicas: number };
    };
    expect(await direct.send('PATCH', checkout, { spec: { replicas: spec.replicas } })).toBe(200);
    await expect.poll(() => effects(direct)).toEqual(['attempted']);
    expect(titles(direct)).toEqual(['patch deployment checkout -n shop (changed nothing)']);
  });

  it('may be polled in between: reads of a moment are one action, and what was read right before is no look', async () => {
    for (let times = 0; times < 3; times++) await direct.send('GET', checkout);
    await direct.send('PATCH', checkout, { spec: { replicas: 4 } });
    await expect.poll(() => effects(direct)).toEqual(['read', 'mutate']);
    expect([...direct.actions.values()][0]?.requests).toMatchObject([{ verb: 'get', aside: true }]);
  });
});

describe('case Q13: a write without a clear answer', () => {
  const replicas = () =>
    (server.api.get('deployments.apps', 'shop', 'checkout') as { spec?: { replicas?: number } }).spec
      ?.replicas ?? 0;
  const asked = (count: number) => faulty.send('PATCH', checkout, { spec: { replicas: count } });
  const failure = (status: number, carriedOut: boolean) => ({
    ...{ status, reason: 'InternalError', message: 'etcdserver: request timed out', carriedOut },
  });

  it.each([500, 503, 504])(
    'answered with %s and carried out is a change that will be put back',
    async (status) => {
      const wanted = replicas() + 1;
      proxy.fate = once(/PATCH/, failure(status, true));
      expect(await asked(wanted)).toBe(status);
      expect(replicas()).toBe(wanted);
      await expect.poll(() => effects(faulty)).toEqual(['mutate']);
      expect([...faulty.actions.values()][0]).toMatchObject({
        title: expect.stringContaining(`(${status}, and yet changed)`),
        requests: [{ status, outcome: 'changed', paths: ['spec.replicas'] }],
      });
      expect(faulty.preimages).toMatchObject([
        { before: { spec: { replicas: wanted - 1 } } },
        { after: { spec: { replicas: wanted } } },
      ]);
      expect(faulty.preimages.some(({ refused }) => refused)).toBe(false);
    },
  );

  it('that nobody answered and that was carried out is a change, too', async () => {
    const wanted = replicas() + 1;
    proxy.fate = once(/PATCH/, 'unanswered');
    expect(await asked(wanted)).toBe(502);
    await expect.poll(() => effects(faulty)).toEqual(['mutate']);
    expect(faulty.preimages.at(-1)).toMatchObject({ after: { spec: { replicas: wanted } } });
  });

  it('that was not carried out is unknown, and refused once the object was read again a while later', async () => {
    const before = replicas();
    proxy.fate = once(/PATCH/, failure(503, false));
    await asked(before + 1);
    await expect.poll(() => effects(faulty)).toEqual(['attempted']);
    expect(faulty.preimages).toHaveLength(1);
    await expect.poll(() => faulty.preimages.at(-1), { timeout: 5000 }).toMatchObject({ refused: true });
    expect(replicas()).toBe(before);
  });

  it('that was carried out only after the first look is found at the second', async () => {
    const wanted = replicas() + 1;
    proxy.fate = once(/PATCH/, failure(504, false));
    await asked(wanted);
    server.api.update('deployments.apps', 'shop', 'checkout', (draft) => ({
      ...draft,
      spec: { ...(draft.spec as object), replicas: wanted },
    }));
    await expect.poll(() => effects(faulty).at(-1), { timeout: 5000 }).toBe('mutate');
    expect(faulty.preimages.at(-1)).toMatchObject({ after: { spec: { replicas: wanted } } });
  });

  it('is not given what the next write changes: what that one found tells', async () => {
    const before = replicas();
    proxy.fate = once(/PATCH/, failure(500, false));
    await faulty.send('PATCH', checkout, { metadata: { labels: { tier: 'web' } } });
    expect(await asked(before + 1)).toBe(200);
    await expect.poll(() => effects(faulty)).toEqual(['attempted', 'mutate']);
    await expect.poll(() => faulty.preimages.at(-1), { timeout: 5000 }).toMatchObject({ refused: true });
    const first = () => [...faulty.actions.values()][0]?.requests[0];
    await expect.poll(() => first()?.outcome, { timeout: 5000 }).toBeUndefined();
    expect(effects(faulty)).toEqual(['attempted', 'mutate']);
    expect(first()?.changes).toBeUndefined();
  });

  it('of a delete and of a create is told by what is there', async () => {
    proxy.fate = once(/POST/, 'unanswered');
    await faulty.send('POST', '/apis/apps/v1/namespaces/shop/deployments', deployment('made'));
    await expect.poll(() => effects(faulty)).toEqual(['mutate']);
    expect(faulty.preimages.at(-1)).toMatchObject({ name: 'made', after: { metadata: { name: 'made' } } });
    proxy.fate = once(/DELETE/, failure(500, true));
    await faulty.send('DELETE', '/apis/apps/v1/namespaces/shop/deployments/made');
    await expect.poll(() => effects(faulty)).toEqual(['mutate', 'mutate']);
  });
});
