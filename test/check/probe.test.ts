/** dns and tcp by real pods in a real sandbox. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { evaluate } from '../../src/check/evaluate.ts';
import { checkSchema } from '../../src/check/grammar.ts';
import type { CheckContext } from '../../src/check/kind.ts';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { startWeb, type Web } from './web.ts';

let web: Web;
let cluster: Cluster;
beforeAll(async () => {
  web = await startWeb({ clusterIP: 'None' });
  ({ cluster } = web);
}, 120_000);
afterAll(() => web?.close());

const context = (more: Partial<CheckContext> = {}): CheckContext => ({ ...web.context(), ...more });

const look = (check: object, given = context()) => evaluate(checkSchema.parse(check), given);

const podsOfOurs = () =>
  cluster.list(
    { kind: 'pods' },
    { namespace: 'default', labelSelector: 'app.kubernetes.io/name=network-check' },
  );

const limit = 60_000;

it(
  'of a name sees to how many addresses it resolves in a pod, and that it does not',
  async () => {
    const web = { host: 'web', from: 'default' };
    expect(await look({ dns: { ...web, atLeast: 2 } })).toMatchObject({
      holds: true,
      value: 2,
      seen: expect.stringMatching(
        /^web has 2 addresses in default: 10\.[\d.]+, 10\.[\d.]+ \(expected at least 2\)$/,
      ),
    });
    expect(await look({ dns: { ...web, atMost: 1 } })).toMatchObject({ holds: false, value: 2 });
    const nobody = await look({ dns: { host: 'nobody', from: 'default' } });
    expect(nobody).toMatchObject({ holds: false, seen: 'nobody does not resolve in default: ENOTFOUND' });
    expect(nobody.gap).toBeUndefined();
  },
  limit,
);

it(
  'of a port sees whether it takes connections from a pod',
  async () => {
    const at = (port: number) => look({ tcp: { host: 'web.default.svc', port, from: 'default' } });
    expect(await at(8080)).toMatchObject({ holds: true });
    const closed = await at(81);
    expect(closed).toMatchObject({
      holds: false,
      seen: 'web.default.svc:81 takes no connection from default: ECONNREFUSED',
    });
    expect(closed.gap).toBeUndefined();
  },
  limit,
);

it(
  'is a gap where no pod can be made, and says why',
  async () => {
    const gap = async (given: CheckContext, from = 'default') => {
      const result = await look({ dns: { host: 'web', from } }, given);
      expect(result).toMatchObject({ holds: false, gap: true });
      return result.seen;
    };
    const { acting } = context();
    expect(await gap(context({ acting: undefined }))).toContain('only a game makes pods');
    expect(await gap(context(), 'kube-system')).toContain('nothing in the namespace kube-system');
    const pods = { image: 'registry.example/node:1' };
    expect(await gap(context({ acting: { ...acting!, pods } }))).toMatch(
      /did not run: Pending, ErrImagePull/,
    );
  },
  limit,
);

it(
  'leaves no pod behind, also when it is called off',
  async () => {
    await look({ dns: { host: 'web', from: 'default' } });
    expect(await podsOfOurs()).toEqual([]);
    const off = new AbortController();
    const running = look({ dns: { host: 'web', from: 'default' } }, context({ signal: off.signal }));
    await vi.waitFor(async () => expect(await podsOfOurs()).toHaveLength(1), {
      timeout: 20_000,
      interval: 5,
    });
    off.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    expect(await podsOfOurs()).toEqual([]);
  },
  limit,
);
