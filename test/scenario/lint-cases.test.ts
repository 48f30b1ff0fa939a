import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster, Permission } from '../../src/cluster/cluster.ts';
import { connect } from '../../src/cluster/connection/connect.ts';
import { parseSource } from '../../src/document/read.ts';
import { describeError } from '../../src/errors.ts';
import { chaosMesh } from '../../src/fault/types/chaos-mesh/chaos-mesh.ts';
import { faultSchemas, makes } from '../../src/fault/types/registry.ts';
import { compiling } from '../../src/game/library/lint-live.ts';
import { packageRoot } from '../../src/paths.ts';
import { lintPlaybook } from '../../src/playbook/lint.ts';
import { parsePlaybook } from '../../src/playbook/parse.ts';
import { lintScenario } from '../../src/scenario/lint.ts';
import { lintFaults } from '../../src/scenario/lint-faults.ts';
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

  it('a wrong fix whose effect would come after the game is told, and a game without time', () => {
    const told = (effect: string, timeout = '12m') =>
      lint(
        read('lint-within', (text) =>
          text
            .replace('within: 40m', 'within: 4m')
            .replace('timeout: 12m', `timeout: ${timeout}`)
            .replace(
              'fails: served }',
              `fails: served, effect: { rollout: { ref: deployment/shop/storefront }, within: ${effect} } }`,
            ),
        ),
      ).join();
    expect(told('90s')).toBe('');
    expect(told('30m')).toContain('30m is longer than the game (12m).');
    expect(told('90s', '0s')).toContain('A game of 0s is over before anybody can play it.');
  });

  it('a metric that no series has is told, with the one that is near (case S12)', () => {
    const metrics = ['shop:customers:success_ratio', 'up'];
    expect(lint(read('lint-metric'), { metrics })).toEqual([
      'lint-metric.yaml:15:32: No series has the name shop:customers:sucess_ratio.\n  Did you mean "shop:customers:success_ratio"?',
    ]);
  });

  it('a metric is a typo of another one by a slip or without its end, and not because it begins alike', () => {
    const told = (asked: string, ...metrics: string[]) =>
      lint(
        read('lint-metric', (text) => text.replace('shop:customers:sucess_ratio', asked)),
        { metrics },
      ).map((line) => /Did you mean "(.*)"/.exec(line)?.[1]);
    expect(told('http_request_total', 'http_requests_total')).toEqual(['http_requests_total']);
    expect(told('http_requests', 'http_requests_total')).toEqual(['http_requests_total']);
    // Both of the shop; right after a start the asked one is not there yet.
    expect(told('backup_last_rows', 'backup_last_ok', 'backup_last_end_timestamp_seconds')).toEqual([]);
    expect(told('shop:assets:behind_seconds', 'shop:feed:behind_seconds')).toEqual([]);
    expect(told('edge_upstreams', 'edge_upstreams_out')).toEqual([]);
  });

  it('a metric that comes with the fault, far from all names, is not called a typo', () => {
    expect(
      lint(
        read('lint-within', (text) => text.replace('within: 40m', 'within: 4m')),
        { metrics: ['up'] },
      ),
    ).toEqual([]);
  });

  describe('a rate over a range, which the speed of a sandbox does not shorten', () => {
    const rate = 'sum(rate(http_requests_total{app="checkout",code!~"5.."}[1m]))';
    const asking = (change: (text: string) => string = (text) => text) =>
      read('lint-metric', (text) => change(text.replace('shop:customers:sucess_ratio', rate)));

    it('is told at its place, with the recorded series that are near', () => {
      const metrics = ['http_requests_total', 'shop:checkout:requests:rate1m', 'shop:edge:requests:rate1m'];
      expect(lint(asking(), { metrics })).toEqual([
        'lint-metric.yaml:15:32: The range over http_requests_total{app="checkout",code!~"5.."} is real time at every speed of the sandbox.\n  Ask a recorded series: shop:checkout:requests:rate1m.',
      ]);
      expect(lint(asking())).toEqual([expect.stringMatching(/Ask a recorded series: its window follows/)]);
    });

    it('is fine on a stack of the team', () => {
      expect(lint(asking((text) => text.replace('stack: shop', 'stack: { namespaces: [shop] }')))).toEqual(
        [],
      );
    });

    it('is fine over a gauge, and in what aborts a game', () => {
      const gauge = (text: string) => text.replace(rate, 'max_over_time(up[5m])');
      const abort = `abort:\n  - { id: gone, promql: { query: '${rate}', below: 0.1 } }\noracle:`;
      expect(lint(asking((text) => gauge(text).replace('oracle:', abort)))).toEqual([]);
    });
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

  it('of a program whose name is a slip of the pen are told', () => {
    const text = readFileSync(file, 'utf8').replace(/run: .*/g, 'run: kubctl get pods');
    const [found] = lintPlaybook(parsePlaybook(parseSource('commands.yaml', text).document!), {});
    expect(describeError(found!)).toBe(
      'commands.yaml:12:10: There is no program "kubctl".\n  Did you mean "kubectl"?',
    );
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

  it('that a playbook is bound to must be there, and what a fix writes must not be a slip of the pen', async () => {
    const there = (text: string) => text.replaceAll('storefrnt', 'storefront');
    const text = (change: (text: string) => string) => read('lint-target', (all) => change(there(all)));
    expect(await objects(text((all) => all))).toEqual([]);
    const bound = text((all) =>
      all.replace(
        'with: { workload: deployment/shop/storefront',
        'with: { workload: deployment/shop/storefrnt',
      ),
    );
    expect(await objects(bound)).toEqual([
      expect.stringMatching(/^lint-target\.yaml:28:\d+: The cluster has no deployment\/shop\/storefrnt/),
    ]);
    const written = text((all) => all.replace('env deployment/storefront', 'env deployment/storefrnt'));
    expect(await objects(written)).toEqual([
      expect.stringMatching(/^lint-target\.yaml:22:\d+: The cluster has no deployment\/shop\/storefrnt/),
    ]);
    expect(
      await objects(text((all) => all.replace('env deployment/storefront', 'env deployment/made-later'))),
    ).toEqual([]);
  });

  describe('and the ports, keys, fields and namespaces that its faults name (case S9)', () => {
    beforeAll(async () => {
      const metadata = { name: 'edge', namespace: 'shop' };
      await cluster.create({
        ...{ apiVersion: 'v1', kind: 'Service', metadata },
        spec: { selector: { app: 'worker' }, ports: [{ name: 'http', port: 8080 }] },
      });
      const data = { 'upstreams.yaml': 'upstreams:\n  - name: till-1\n    address: storefront:8001\n' };
      await cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
    });

    const fault = async (written: string): Promise<string[]> => {
      const parsed = read('lint-target', (text) => text.replace(/workload: \{ ref.*\}/, () => written));
      const namespaces = ['default', 'shop'];
      return (await lintFaults(parsed, { compile: compiling(parsed, cluster, namespaces), namespaces })).map(
        describeError,
      );
    };
    const worker = 'ref: deployment/shop/worker';

    it.each([
      [
        'service: { service: service/shop/edge, ports: { 9999: { targetPort: 1 } } }',
        ':14:53: ',
        /has no port 9999\.\n {2}It has http/,
      ],
      [
        'config: { configMap: shop/edge, remove: [upstream.yaml] }',
        ':14:46: ',
        /has no key upstream\.yaml\.\n {2}Did you mean "upstreams\.yaml"\?/,
      ],
      [
        'upstream: { configMap: shop/edge, key: upstream.yaml, entry: till-1, becomes: removed }',
        ':14:44: ',
        /no key upstream\.yaml/,
      ],
      [
        'upstream: { configMap: shop/edge, key: upstreams.yaml, entry: till-9, becomes: weighted, weight: 2 }',
        ':14:67: ',
        /no upstream till-9\.\n {2}There are till-1/,
      ],
      [`patch: { ${worker}, set: { spec.replics: 2 } }`, ':14:50: ', /does not keep spec\.replics/],
      [`patch: { ${worker}, merge: { spec: { replics: 2 } } }`, ':14:12: ', /wrong-address changes nothing/],
      ['workload: { ref: service/shop/edge, replicas: 1 }', ':14:15: ', /got service/],
      ['delete: { ref: service/shp/edge }', ':14:20: ', /no namespace "shp"\.\n {2}Did you mean "shop"\?/],
    ])('%s', async (written, place, words) => {
      const [found, ...more] = await fault(written);
      expect(more).toEqual([]);
      expect(found).toContain(place);
      expect(found).toMatch(words);
    });

    it.each([
      ['service: { service: service/shop/edge, ports: { http: { targetPort: 1 } } }'],
      ['config: { configMap: shop/edge, remove: [upstreams.yaml] }'],
      [`patch: { ${worker}, set: { spec.replicas: 2 } }`],
      ['delete: { ref: service/shop/edge }'],
    ])('%s is fine', async (written) => {
      expect(await fault(written)).toEqual([]);
    });
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
    const resource = JSON.stringify(chaosMesh.example.resource);
    const notInstalled = read('made-by-fault', (text) =>
      text.replace(/ {4}apply:[\s\S]*?(?= {4}effect:)/, `    chaosMesh: { resource: ${resource} }\n`),
    );
    expect(await told(notInstalled)).toEqual([
      expect.stringContaining('The cluster has no apiVersion "chaos-mesh.org/v1alpha1".'),
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
