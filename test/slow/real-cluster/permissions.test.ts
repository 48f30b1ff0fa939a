/** `misfortune rbac`: the Roles that it prints are enough for a game on a real API server, and none of their rules too many. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Cluster, ClusterObject } from '../../../src/cluster/cluster.ts';
import { connect } from '../../../src/cluster/connection/connect.ts';
import { refOf } from '../../../src/cluster/ref.ts';
import { preflight } from '../../../src/fault/plan/preflight.ts';
import { loadLibrary } from '../../../src/game/library/library.ts';
import { setUpEach } from '../../../src/game/library/plans.ts';
import { misfortune, play } from './commands.ts';
import { placeToPlay } from './place.ts';
import { claim, mendOf } from './responses.ts';
import { snapshot } from './snapshot.ts';
import { namespaces, type Stand, setUpStand } from './stand.ts';

const place = placeToPlay();
const account = { namespace: 'maintenance', name: 'game-master' };

interface Rule {
  resources: string[];
  verbs: string[];
}

let stand: Stand;
/** `--cluster … --config …` of the ServiceAccount that has nothing but the Roles of a scenario. */
let on: string[];
let limited: Cluster;
beforeAll(async () => {
  if (!place) return;
  stand = await setUpStand(place);
  await stand.kubectl(['-n', account.namespace, 'create', 'serviceaccount', account.name]);
  const kubeconfig = await kubeconfigOf(account);
  on = stand.as('game-master', kubeconfig, 'game-master');
  limited = await connect({ kubeconfig });
}, 900_000);
afterAll(async () => {
  if (!stand) return;
  limited?.close();
  await stand.cluster.delete({ kind: 'serviceaccount', ...account });
  await stand.close();
}, 240_000);

const scenarios = [
  { scenario: 'haymaker', params: ['--param', 'rate=100'], missing: { verb: 'delete', namespace: 'batch' } },
  { scenario: 'broken-upstream', params: [], missing: { verb: 'patch', namespace: 'shop' } },
];

describe.skipIf(!place).each(scenarios)(
  'on a real cluster, with nothing but what `misfortune rbac $scenario` prints,',
  ({ scenario, params, missing }) => {
    let roles: ClusterObject[] = [];
    beforeAll(async () => {
      const who = ['--serviceaccount', `${account.namespace}:${account.name}`];
      const { stdout } = await stand.succeed(['rbac', scenario, ...who, ...stand.on, '--json']);
      roles = (JSON.parse(stdout) as { items: ClusterObject[] }).items;
      await stand.kubectl(['apply', '-f', '-'], stdout);
    });
    afterAll(async () => {
      for (const role of roles) await stand.cluster.delete(refOf(role));
    });

    it('preflight refuses for want of each single rule, and names it', async () => {
      const options = { cluster: on[1], config: on[3] };
      const setUps = setUpEach([scenario], options, await loadLibrary(options));
      for await (const { plan: compile } of setUps) {
        const { plan, guard } = await compile();
        const said = async () =>
          (await preflight(plan, guard, limited)).refusals.map(({ message }) => message);
        expect(await said()).toEqual([]);
        let count = 0;
        for (const role of roles)
          for (const rule of (role.rules ?? []) as Rule[]) {
            const rest = (role.rules as Rule[]).filter((other) => other !== rule);
            await stand.cluster.patch(refOf(role), 'merge', { rules: rest });
            await expect
              .poll(said, { timeout: 10_000, message: JSON.stringify(rule) })
              .toSatisfy(names(rule));
            await stand.cluster.patch(refOf(role), 'merge', { rules: role.rules });
            await expect.poll(said, { timeout: 10_000 }).toEqual([]);
            count += 1;
          }
        console.info(
          `${scenario}: ${count} rules in ${roles.filter(({ rules }) => rules).length} Roles: each is asked for by preflight`,
        );
      }
    }, 600_000);

    it('a game is refused with exit code 3 and nothing is touched when one is missing', async () => {
      const { verb, namespace } = missing;
      const before = await snapshot(stand.cluster, namespaces);
      const role = roles.find(({ kind, metadata }) => kind === 'Role' && metadata.namespace === namespace)!;
      const rules = (role.rules as Rule[])
        .map((rule) => ({ ...rule, verbs: rule.verbs.filter((each) => each !== verb) }))
        .filter(({ verbs }) => verbs.length > 0);
      await stand.cluster.patch(refOf(role), 'merge', { rules });
      const refused = await misfortune(['play', scenario, ...params, ...on, '--json'], stand.env);
      await stand.cluster.patch(refOf(role), 'merge', { rules: role.rules });
      expect(refused.code).toBe(3);
      expect(refused.stdout + refused.stderr).toContain(`The permission to ${verb}`);
      expect(await snapshot(stand.cluster, namespaces)).toEqual(before);
    }, 300_000);

    it.skipIf(place?.short)(
      'it is played and restored, its guardian brought along and taken away',
      async () => {
        const before = await snapshot(stand.cluster, namespaces);
        const mend = await mendOf(scenario, stand);
        const game = play([scenario, ...params, ...on], stand.env);
        await game.until('effect-seen');
        const script = ['set -e', mend, claim].join('\n');
        const shell = await misfortune(['join', '--yes', '-c', script], stand.env, 600_000);
        expect(shell, shell.stderr).toMatchObject({ code: 0 });
        expect(await game.ended, game.said()).toBe(0);
        expect(game.events).toContainEqual(expect.objectContaining({ type: 'ended', ending: 'mitigated' }));
        expect(game.events).toContainEqual(
          expect.objectContaining({ type: 'restore-verified', differences: [], conflicts: [] }),
        );
        expect(await snapshot(stand.cluster, namespaces)).toEqual(before);
      },
      1_200_000,
    );
  },
);

/** Another rule may give one of its verbs as well: on every object, where this one is for a single name. */
const names =
  ({ verbs, resources }: Rule) =>
  (refusals: string[]): boolean =>
    verbs.some((verb) =>
      resources.some((resource) =>
        refusals.some((line) => line.includes(`The permission to ${verb} ${resource.split('/')[0]}`)),
      ),
    );

/** As the cluster's own kubeconfig, with a token of this ServiceAccount. */
async function kubeconfigOf({ namespace, name }: typeof account): Promise<string> {
  const { status, body } = await stand.cluster.raw(
    `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: 7200 },
      }),
    },
  );
  if (status !== 201) throw new Error(`Expected a token of ${namespace}/${name}, got ${status}: ${body}`);
  const { token } = (JSON.parse(body) as { status: { token: string } }).status;
  const config = parse(readFileSync(place!.kubeconfig, 'utf8')) as {
    clusters: { name: string }[];
    contexts: { name: string; context: { cluster: string } }[];
    'current-context': string;
  };
  const { context } = config.contexts.find((each) => each.name === config['current-context'])!;
  const file = join(stand.folder, 'game-master.kubeconfig');
  const text = stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: config.clusters,
    users: [{ name: 'game-master', user: { token } }],
    contexts: [{ name: 'game-master', context: { cluster: context.cluster, user: 'game-master' } }],
    'current-context': 'game-master',
  });
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
