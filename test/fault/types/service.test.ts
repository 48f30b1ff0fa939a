import { describe, expect, it } from 'vitest';
import { bench } from '../bench.ts';

const at = bench();
const ref = { kind: 'service', namespace: 'shop', name: 'checkout' };
const service = (spec: Record<string, unknown>) => ({
  service: { service: 'service/shop/checkout', ...spec },
});
const specOf = async (name = 'checkout') =>
  (await at.cluster.get({ ...ref, name }))!.spec as Record<string, unknown>;

describe('a service fault', () => {
  it('leads to other pods and other ports, and back', async () => {
    const { ports, selector } = (await specOf()) as { ports: { name: string }[]; selector: object };
    await at.break(
      service({
        selector: { 'app.kubernetes.io/name': null, app: 'checkout-v2' },
        ports: { [ports[0]!.name]: { targetPort: 8081 } },
        sessionAffinity: 'ClientIP',
        publishNotReadyAddresses: true,
      }),
    );
    expect(await specOf()).toMatchObject({
      selector: { app: 'checkout-v2' },
      publishNotReadyAddresses: true,
    });
    expect((await specOf()).selector).not.toHaveProperty(['app.kubernetes.io/name']);
    await at.mend();
    expect((await specOf()).selector).toEqual(selector);
  });

  it('is known by its number where a port has no name, also when that changes', async () => {
    const metadata = { name: 'legacy', namespace: 'shop' };
    await at.cluster.create({
      ...{ apiVersion: 'v1', kind: 'Service', metadata },
      spec: { selector: { app: 'x' }, ports: [{ port: 80 }] },
    });
    await at.break({
      service: { service: 'service/shop/legacy', ports: { 80: { port: 81, targetPort: 'http' } } },
    });
    expect((await specOf('legacy')).ports).toMatchObject([{ port: 81, targetPort: 'http' }]);
    await at.game.end();
    await at.cluster.delete({ ...ref, name: 'legacy' });
  });

  it('is deleted and comes back with its addresses and node ports', async () => {
    const metadata = { name: 'doors', namespace: 'shop' };
    await at.cluster.create({
      ...{ apiVersion: 'v1', kind: 'Service', metadata },
      spec: { type: 'NodePort', selector: { app: 'x' }, ports: [{ port: 80 }] },
    });
    const was = await specOf('doors');
    await at.break({ service: { service: 'service/shop/doors', becomes: 'deleted' } });
    expect(await at.cluster.get({ ...ref, name: 'doors' })).toBeUndefined();
    const { revert } = await import('../../../src/fault/revert/revert.ts');
    expect(await revert(at.game.engine, { undoResponder: true })).toEqual({ differences: [], conflicts: [] });
    const { clusterIP, ports } = await specOf('doors');
    expect({ clusterIP, ports }).toEqual({ clusterIP: was.clusterIP, ports: was.ports });
    await at.cluster.delete({ ...ref, name: 'doors' });
  });

  it.each([
    ['a port that it lacks', { ports: { 9: { targetPort: 1 } } }, 'unknown-port'],
    ['a Service that is not there', { service: 'service/shop/nobody', becomes: 'deleted' }, 'unknown-object'],
    [
      'another namespace',
      { service: 'service/default/kubernetes', becomes: 'deleted' },
      'namespace-not-allowed',
    ],
  ])('is refused for %s', async (_, spec, code) => {
    await expect(at.plan(service(spec))).rejects.toMatchObject({ code });
  });

  it('is either changed or deleted', async () => {
    await expect(at.plan(service({}))).rejects.toThrow('Expected something to change');
    await expect(at.plan(service({ becomes: 'deleted', selector: {} }))).rejects.toThrow('nothing else');
  });
});
