import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster, Permission } from '../../src/cluster/cluster.ts';
import { connect } from '../../src/cluster/connect.ts';
import { parseSource } from '../../src/document/read.ts';
import { describeError } from '../../src/errors.ts';
import { faultSchemas, makes } from '../../src/fault/registry.ts';
import { packageRoot } from '../../src/paths.ts';
import { lintPlaybook } from '../../src/playbook/lint.ts';
import { parsePlaybook } from '../../src/playbook/parse.ts';
import { lintScenario } from '../../src/scenario/lint.ts';
import { lintManifests } from '../../src/scenario/lint-manifests.ts';
import { lintObjects } from '../../src/scenario/lint-objects.ts';
import { lintRights } from '../../src/scenario/lint-rights.ts';
import { type ParsedScenario, parseScenario } from '../../src/scenario/parse.ts';
import { startTestServer, type TestServer } from '../sandbox/apiserver/test-server.ts';

function read(name: string, change: (text: string) => string = (text) => text): ParsedScenario {
  const text = readFileSync(join(packageRoot, 'test/fixtures/scenarios', `${name}.yaml`), 'utf8');
  const { document } = parseSource(`${name}.yaml`, change(text));
  const parsed = parseScenario(document!, { faultSchemas });
  expect(parsed.problems).toEqual([]);
  return parsed;
}

const lint = (parsed: ParsedScenario, context: Parameters<typeof lintScenario>[1] = {}): string[] =>
  lintScenario(parsed, context).map(describeError);

describe('what a scenario says of itself', () => {
  it('a query that does not parse is told at its place (case S11)', () => {
    expect(lint(read('lint-promql'))).toEqual([
      expect.stringMatching(/^lint-promql\.yaml:15:32: parse error: unclosed left parenthesis/),
    ]);
  });

  it('an alert that may come after the game is told (case S14)', () => {
    expect(lint(read('lint-within'))[0]).toContain(
      'lint-within.yaml:26:46: 40m is longer than the game (12m).',
    );
  });

  it('a fix that has to last longer than the game is told (case S15)', () => {
    expect(lint(read('lint-sustained'))[0]).toContain(
      'lint-sustained.yaml:17:14: 13m is longer than the game (12m).',
    );
  });

  it('an effect that may come after the game is told, alone and with its delay', () => {
    const effect = (within: string, after = '0s') =>
      lint(
        read('lint-within', (text) =>
          text
            .replace('within: 40m', 'within: 4m')
            .replace('within: 90s', `within: ${within}`)
            .replace('- id: wrong-address', `- id: wrong-address\n    after: ${after}`),
        ),
      );
    expect(effect('90s')).toEqual([]);
    expect(effect('20m')[0]).toContain('20m is longer than the game (12m).');
    expect(effect('5m', '8m').join()).toContain('13m with after: 8m is longer than the game');
    expect(effect('90s', '12m').join()).toContain('12m is as long as the game (12m).');
  });

  it('a metric that no series has is told, with the one that is near (case S12)', () => {
    const metrics = ['shop:customers:success_ratio', 'up'];
    expect(lint(read('lint-metric'), { metrics })).toEqual([
      'lint-metric.yaml:15:32: No series has the name shop:customers:sucess_ratio.\n  Did you mean "shop:customers:success_ratio"?',
    ]);
  });

  it('a metric that comes with the fault, far from all names, is not called a typo', () => {
    expect(
      lint(
        read('lint-within', (text) => text.replace('within: 40m', 'within: 4m')),
        { metrics: ['up'] },
      ),
    ).toEqual([]);
  });

  it('commands of fixes with a word that nobody knows are told', () => {
    const typo = read('lint-target', (text) => text.replace('set env', 'sett env'));
    expect(lint(typo)).toEqual(['lint-target.yaml:22:10: kubectl has no "sett".\n  Did you mean "set"?']);
  });
});

describe('the commands of a playbook', () => {
  const file = join(packageRoot, 'test/fixtures/playbooks/commands.yaml');
  const parsed = parsePlaybook(parseSource('commands.yaml', readFileSync(file, 'utf8')).document!);

  it('that nobody can run are told at their place (case S17)', () => {
    const dashboards = [{ uid: 'shop-overview', panels: [] }];
    expect(lintPlaybook(parsed, { dashboards, commands: ['dash'] }).map(describeError)).toEqual([
      'commands.yaml:12:10: There is no dashboard "shop-overvew".\n  Did you mean "shop-overview"?',
      'commands.yaml:17:10: kubectl has no "descrbe".\n  Did you mean "describe"?',
      'commands.yaml:23:10: rollout has no "undoo".\n  Did you mean "undo"?',
    ]);
  });

  it.each([
    'kubectl -n shop get pods | grep "a; b" && kubectl --context=x rollout undo deployment/x',
    'kubectl patch x -p \'{"a": 1}\'',
    'kubectl some-plugin-of-ours',
    'kubectl ${verb} pods',
    'psql -c "select 1"',
  ])('that can be run are not: %s', (line) => {
    const text = readFileSync(file, 'utf8')
      .replace('kubectl describe', 'kubectl get')
      .replace(/run: .*/g, `run: '${line.replaceAll("'", "''")}'`);
    const { document } = parseSource('commands.yaml', text.replaceAll('${verb}', '${workload.name}'));
    expect(lintPlaybook(parsePlaybook(document!), { commands: ['dash'] })).toEqual([]);
  });
});

describe('the objects of a scenario, with a cluster', () => {
  let server: TestServer;
  let cluster: Cluster;
  beforeAll(async () => {
    server = await startTestServer();
    cluster = await connect({ kubeconfig: server.kubeconfig });
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    for (const name of ['storefront', 'worker'])
      await cluster.create({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name, namespace: 'shop' },
        spec: {
          replicas: 0,
          selector: { matchLabels: { app: name } },
          template: {
            metadata: { labels: { app: name } },
            spec: { containers: [{ name: 'app', image: 'node:20' }] },
          },
        },
      });
  });
  afterAll(async () => {
    cluster?.close();
    await server?.close();
  });

  async function objects(parsed: ParsedScenario): Promise<string[]> {
    const isMade = (ref: Parameters<typeof makes>[1]) =>
      parsed.scenario!.faults.some((fault) => makes(fault, ref));
    return (await lintObjects(parsed, cluster, { isMade })).map(describeError);
  }

  it('that a fault makes are not asked for; a typo in such a name is found (case S5)', async () => {
    expect(await objects(read('made-by-fault'))).toEqual([]);
    const typo = read('made-by-fault', (text) =>
      text.replace('rollout: { ref: deployment/shop/helper }', 'rollout: { ref: deployment/shop/helpr }'),
    );
    expect(await objects(typo)).toEqual([
      expect.stringContaining('28:35: The cluster has no deployment/shop/helpr.'),
    ]);
  });

  it('that a fault is aimed at must be there (case S9)', async () => {
    expect(await objects(read('lint-target'))).toEqual([
      'lint-target.yaml:14:22: The cluster has no deployment/shop/storefrnt.\n  Did you mean "deployment/shop/storefront"?',
    ]);
  });

  it('must be of a kind that there is (case S10)', async () => {
    expect(await objects(read('lint-kind'))).toEqual([
      'lint-kind.yaml:14:22: The cluster has no kind "deploymnt".\n  Did you mean "deployment"?',
    ]);
  });

  it('that are stated in manifests have kinds and fields that there are (case S13)', async () => {
    const told = async (parsed: ParsedScenario) => (await lintManifests(parsed, cluster)).map(describeError);
    expect(await told(read('lint-manifest'))).toEqual([
      'lint-manifest.yaml:14:68: The cluster has no NetworkPolicie in networking.k8s.io/v1.\n  Did you mean "NetworkPolicy"?',
      'lint-manifest.yaml:14:135: There is no field "podSelectr" here.\n  Did you mean "podSelector"?',
    ]);
    expect(await told(read('made-by-fault'))).toEqual([]);
    expect(await told(read('quota'))).toEqual([]);
    const deep = read('made-by-fault', (text) => text.replace("command: ['false']", "comand: ['false']"));
    expect(await told(deep)).toEqual([
      expect.stringContaining('There is no field "comand" here.\n  Did you mean "command"?'),
    ]);
    const version = read('made-by-fault', (text) =>
      text.replace('apiVersion: apps/v1', 'apiVersion: app/v1'),
    );
    expect(await told(version)).toEqual([
      expect.stringContaining('The cluster has no apiVersion "app/v1".\n  Did you mean "apps/v1"?'),
    ]);
  });

  it('must be ones that the responder may change as a fix does (case S8)', async () => {
    const asked: string[] = [];
    const responder = {
      kind: cluster.kind.bind(cluster),
      can: async ({ verb, group, resource, namespace }: Permission) => {
        asked.push(`${verb} ${group}/${resource} ${namespace}`);
        return resource !== 'resourcequotas';
      },
    };
    expect((await lintRights(read('quota'), responder)).map(describeError)).toEqual([
      'quota.yaml:24:36: The fix "delete the quota" needs delete on resourcequotas in shop, which the responder does not have.\n  Give it to them, or choose another fix.',
    ]);
    expect(asked).toEqual(['delete /resourcequotas shop', 'patch apps/deployments shop']);
    expect(await lintRights(read('lint-target'), responder)).toEqual([]);
  });

  it('that a diagnosis names must be there, or be made (case S16)', async () => {
    expect(await objects(read('lint-origin'))).toEqual([
      'lint-origin.yaml:27:22: The cluster has no deployment/shop/storfront.\n  Did you mean "deployment/shop/storefront"?',
    ]);
    expect(await objects(read('quota'))).toEqual([]);
  });
});
