import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadCredentials } from '../../../src/cluster/connection/credentials.ts';
import { type Kubeconfig, readKubeconfig } from '../../../src/cluster/connection/kubeconfig.ts';
import { kubectlVersions } from '../../kubectl.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const names = fc.constantFrom('a', 'b', 'c', 'd');
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const cluster = fc.record(
  {
    server: fc.constantFrom('https://one:6443', 'https://two:6443', 'http://three'),
    'certificate-authority': fc.constantFrom('ca.crt', './pki/ca.crt', '/etc/ca.crt'),
    'insecure-skip-tls-verify': fc.constant(true),
    'tls-server-name': fc.constantFrom('one', 'two'),
  },
  // kubectl shows an empty one where there is none.
  { requiredKeys: ['server'] },
);
const user = fc.record(
  {
    token: fc.constantFrom('t1', 't2'),
    tokenFile: fc.constantFrom('token', '/run/token'),
    'client-certificate': fc.constantFrom('client.crt', 'pki/client.crt'),
    username: fc.constantFrom('u1', 'u2'),
    exec: fc.record({
      apiVersion: fc.constant('client.authentication.k8s.io/v1'),
      command: fc.constantFrom('plugin', './plugin', 'bin/plugin', '/bin/plugin'),
      interactiveMode: fc.constant('Never'),
    }),
  },
  { requiredKeys: [] },
);
const context = fc.record(
  { cluster: names, user: names, namespace: fc.constantFrom('shop', 'till') },
  { requiredKeys: ['cluster', 'user'] },
);
const listOf = <T>(key: string, value: fc.Arbitrary<T>) =>
  fc.uniqueArray(fc.record({ name: names, [key]: value } as Record<string, fc.Arbitrary<unknown>>), {
    selector: ({ name }) => name,
    maxLength: 4,
  });
const file = fc.record(
  {
    clusters: listOf('cluster', cluster),
    users: listOf('user', user),
    contexts: listOf('context', context),
    'current-context': fc.oneof(names, fc.constant('')),
  },
  { requiredKeys: [] },
);
/** An entry of KUBECONFIG: a file, one that is not there, one without anything in it, or no name at all. */
const entry = fc.oneof(
  { weight: 5, arbitrary: file },
  { weight: 1, arbitrary: fc.constantFrom('missing' as const, 'empty' as const, 'unnamed' as const) },
);

describe('several kubeconfigs', () => {
  it('case F2: are merged as kubectl merges them, whatever is in them', { timeout: 120_000 }, async () => {
    let run = 0;
    const property = fc.asyncProperty(
      fc.array(entry, { minLength: 1, maxLength: 3 }),
      maybe(fc.nat(2)),
      async (entries, twice) => {
        run += 1;
        const paths = entries.map((content, index) => write(join(folder, `${run}`, `${index}`), content));
        if (twice !== undefined && paths[twice]) paths.push(paths[twice]);
        const env = { ...process.env, KUBECONFIG: paths.join(delimiter) };
        const ours = readKubeconfig(undefined, env);
        expect(sorted('looked' in ours ? none : ours)).toEqual(sorted(await byKubectl(env)));
      },
    );
    await fc.assert(property, { numRuns: 25 });
  });

  it.each([
    ['a file that is not there', (good: string) => `/nowhere${delimiter}${good}`],
    ['no name', (good: string) => `${delimiter}${good}${delimiter}`],
    ['itself', (good: string) => `${good}${delimiter}${good}`],
  ])('case F1: with %s beside a good one are the good one', async (_, list) => {
    const good = write(join(folder, 'good'), sandbox('https://here:6443', 'mine'));
    const before = process.env.KUBECONFIG;
    process.env.KUBECONFIG = list(good);
    try {
      const { server, context, close } = await loadCredentials({});
      expect([server, context]).toEqual(['https://here:6443', 'sandbox']);
      close();
    } finally {
      if (before === undefined) delete process.env.KUBECONFIG;
      else process.env.KUBECONFIG = before;
    }
  });

  it('case F2: that name one cluster and one user are as the first has both, never a mixture', () => {
    const first = write(join(folder, 'first'), sandbox('https://first:6443', 'first'));
    const second = write(join(folder, 'second'), sandbox('https://second:6443', 'second'));
    const found = readKubeconfig(undefined, { KUBECONFIG: [first, second].join(delimiter) }) as Kubeconfig;
    expect(found.clusters).toEqual([{ name: 'sandbox', cluster: { server: 'https://first:6443' } }]);
    expect(found.users).toEqual([{ name: 'admin', user: { token: 'first' } }]);
  });

  it('have paths that are relative to their own file', () => {
    const users = [
      { name: 'a', user: { 'client-key': '../a.key', tokenFile: 'token', exec: { command: './plugin' } } },
    ];
    const clusters = [{ name: 'b', cluster: { 'certificate-authority': 'pki/ca.crt' } }];
    const files = [write(join(folder, 'p/one'), { users }), write(join(folder, 'q/two'), { clusters })];
    expect(readKubeconfig(undefined, { KUBECONFIG: files.join(delimiter) })).toMatchObject({
      users: [
        {
          user: {
            'client-key': join(folder, 'p/a.key'),
            tokenFile: join(folder, 'p/one/token'),
            exec: { command: join(folder, 'p/one/plugin') },
          },
        },
      ],
      clusters: [{ cluster: { 'certificate-authority': join(folder, 'q/two/pki/ca.crt') } }],
    });
  });

  it('say which of them cannot be read, and why', () => {
    const read = (KUBECONFIG: string) => () => readKubeconfig(undefined, { KUBECONFIG });
    expect(read(folder)).toThrow(`The kubeconfig ${folder} cannot be read: EISDIR`);
    const twice = { clusters: [{ name: 'a' }, { name: 'a' }] };
    expect(read(write(join(folder, 'twice'), twice))).toThrow(
      /twice\/config cannot be read: clusters has "a" twice/,
    );
    expect(read(write(join(folder, 'list'), { users: {} }))).toThrow(/expected a list under users/);
    expect(readKubeconfig(undefined, { KUBECONFIG: '/nowhere:/neither' })).toEqual({
      looked: ['/nowhere', '/neither'],
    });
  });
});

const none: Kubeconfig = { clusters: [], users: [], contexts: [], 'current-context': '' };

function sandbox(server: string, token: string): object {
  return {
    clusters: [{ name: 'sandbox', cluster: { server } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: 'admin' } }],
    'current-context': 'sandbox',
  };
}

function write(place: string, content: object | 'missing' | 'empty' | 'unnamed'): string {
  if (content === 'unnamed') return '';
  mkdirSync(place, { recursive: true });
  const path = join(place, 'config');
  if (content === 'missing') return path;
  const head = { apiVersion: 'v1', kind: 'Config' };
  writeFileSync(path, content === 'empty' ? '' : stringify({ ...head, ...content }));
  return path;
}

async function byKubectl(env: NodeJS.ProcessEnv): Promise<Kubeconfig> {
  const args = ['config', 'view', '--raw', '--merge', '-o', 'json'];
  const { stdout } = await promisify(execFile)(kubectlVersions()[0]!.path, args, { env });
  return JSON.parse(stdout) as Kubeconfig;
}

/** kubectl shows paths as they are written; that ours are found is a test of its own. */
function asWritten(_: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return (value.startsWith(folder) ? value.slice(folder.length).replace(/^\/\d+\/\d+\//, '') : value).replace(
    /^\.\//,
    '',
  );
}

/** Without order, and without what only one of the two writes for nothing. */
function sorted({ clusters, users, contexts, 'current-context': current }: Kubeconfig): unknown {
  const plain = (key: string, list: readonly { name: string }[] | null) =>
    Object.fromEntries(
      (list ?? []).map((item) => {
        const fields = { ...((item as Record<string, unknown>)[key] as Record<string, unknown>) };
        const { exec } = fields as { exec?: Record<string, unknown> };
        if (exec) fields.exec = { command: exec.command };
        return [item.name, JSON.parse(JSON.stringify(fields), asWritten)];
      }),
    );
  return {
    clusters: plain('cluster', clusters),
    users: plain('user', users),
    contexts: plain('context', contexts),
    current: current ?? '',
  };
}
