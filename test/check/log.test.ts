import { describe, expect, it } from 'vitest';
import { emptyBaseline } from '../../src/check/baseline.ts';
import { evaluate } from '../../src/check/evaluate.ts';
import { type Check, checkSchema } from '../../src/check/grammar.ts';
import type { CheckContext } from '../../src/check/kind.ts';
import type { Cluster, ClusterObject } from '../../src/cluster/cluster.ts';
import { mainContainers } from '../../src/cluster/containers.ts';

const defaultContainer = 'kubectl.kubernetes.io/default-container';

function pod(name: string, containers: string[], more: { annotations?: object; init?: object[] } = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', annotations: more.annotations },
    spec: { containers: containers.map((one) => ({ name: one })), initContainers: more.init },
    status: { phase: 'Running' },
  } as unknown as ClusterObject;
}

describe('case F9: the containers whose log is the log of a pod', () => {
  it.each<[string, ClusterObject, string[]]>([
    ['the only one', pod('a', ['app']), ['app']],
    [
      'that of the annotation',
      pod('a', ['mesh', 'app'], { annotations: { [defaultContainer]: 'app' } }),
      ['app'],
    ],
    ['the only one that is no side-car', pod('a', ['linkerd-proxy', 'app']), ['app']],
    [
      'also beside several side-cars',
      pod('a', ['app', 'istio-proxy', 'vault-agent', 'log-sidecar']),
      ['app'],
    ],
    ['all where nothing tells them apart', pod('a', ['one', 'two']), ['one', 'two']],
    [
      'not a native side-car',
      pod('a', ['app'], { init: [{ name: 'mesh', restartPolicy: 'Always' }, { name: 'set-up' }] }),
      ['app'],
    ],
    [
      'all where the annotation names one that is not there',
      pod('a', ['one', 'two'], { annotations: { [defaultContainer]: 'three' } }),
      ['one', 'two'],
    ],
  ])('%s', (_, of, wanted) => {
    expect(mainContainers(of)).toEqual(wanted);
  });
});

describe('case F9: a check of a log', () => {
  /** How far back logs were read, seconds. */
  const asked: (number | undefined)[] = [];
  /** Logs by "pod/container"; what is not there cannot be read, as with a wrong or missing container. */
  const run = (pods: ClusterObject[], logs: Record<string, string>, check: object) => {
    const cluster = {
      kind: async () => ({ apiVersion: 'v1', kind: 'Pod' }),
      list: async () => pods,
      logs: async ({ name, container, sinceSeconds }: Parameters<Cluster['logs']>[0]) => {
        asked.push(sinceSeconds);
        const text = logs[`${name}/${container}`];
        if (text === undefined) throw new Error(`a container name must be specified for pod ${name}`);
        return text;
      },
    } as unknown as Cluster;
    const written = { log: { ref: 'pod/shop/two', matches: 'ready', ...check } };
    const context = { cluster, baseline: emptyBaseline } as CheckContext;
    return evaluate(checkSchema.parse(written) as Check, context);
  };
  const two = pod('two', ['mesh', 'app']);

  it('reads all containers where nobody says which, and one where `container` does', async () => {
    const logs = { 'two/mesh': 'ready\n', 'two/app': 'ready\nready\n' };
    expect(await run([two], logs, {})).toMatchObject({ holds: true, value: 3 });
    expect(await run([two], logs, { container: 'mesh' })).toMatchObject({ holds: true, value: 1 });
  });

  it('reads no further back than `within`', async () => {
    asked.length = 0;
    const found = await run([pod('two', ['app'])], { 'two/app': 'ready\n' }, { within: '90s' });
    expect(found.seen).toContain('within 90 s');
    expect(asked).toEqual([90]);
  });

  it('is a gap that names the containers where the one that is asked for is not there', async () => {
    expect(await run([two], {}, { container: 'ap' })).toMatchObject({
      gap: true,
      seen: expect.stringContaining('pod two has no container ap, only mesh, app'),
    });
  });

  it('holds if the other logs have enough lines, else is a gap, where one cannot be read', async () => {
    const logs = { 'two/app': 'ready\n' };
    expect(await run([two], logs, {})).toMatchObject({ holds: true });
    expect(await run([two], logs, { atLeast: 2 })).toMatchObject({ holds: false, gap: true });
  });
});
