import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1Volume } from '@kubernetes/client-node';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Api } from '../../../src/sandbox/api.ts';
import type { Pod } from '../../../src/sandbox/kubelet/pod/pod-types.ts';
import { MountError } from '../../../src/sandbox/kubelet/volumes/volume-files.ts';
import { mountVolumes } from '../../../src/sandbox/kubelet/volumes/volumes.ts';

let base: string;
let folder: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'volumes-')));
  folder = join(base, 'pod/volumes');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(base, 'key'), 'mine');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** As an API server would hand it out that lets every path and key pass: the kubelet is the second wall. */
function mount(volume: Omit<V1Volume, 'name'>, data: Record<string, string> = { a: 'text' }): void {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x', namespace: 'n', uid: '', resourceVersion: '', creationTimestamp: '' },
    data,
  };
  const secret = { ...object, kind: 'Secret' };
  const api = { get: (kind: string) => (kind === 'secrets' ? secret : object) } as unknown as Api;
  const pod = {
    metadata: { name: 'p', namespace: 'n' },
    spec: { containers: [], volumes: [{ name: 'v', ...volume }] },
  } as unknown as Pod;
  mountVolumes(folder, { api, pod, podIP: '', hostIP: '', token: () => 'token', kept: join(base, 'kept') });
}

const sourcesOf = (path: string): [string, Omit<V1Volume, 'name'>][] => [
  ['a ConfigMap’s item', { configMap: { name: 'x', items: [{ key: 'a', path }] } }],
  ['a Secret’s item', { secret: { secretName: 'x', items: [{ key: 'a', path }] } }],
  ['a field', { downwardAPI: { items: [{ path, fieldRef: { fieldPath: 'metadata.name' } }] } }],
  ['a token', { projected: { sources: [{ serviceAccountToken: { path } }] } }],
  [
    'a projected item',
    { projected: { sources: [{ configMap: { name: 'x', items: [{ key: 'a', path }] } }] } },
  ],
];

test.each([
  ['../b', "invalid path: must not contain '..': ../b"],
  ['/etc/b', 'invalid path: must be relative path: /etc/b'],
  ['..data', "invalid path: must not start with '..': ..data"],
  ['.', 'invalid path: must name a file: "."'],
  ['x'.repeat(300), 'invalid path: filenames must be less than or equal to 255 characters'],
  ['a\0b', 'invalid path: must name a file: "a\\u0000b"'],
])('case Q6: a volume with the path %j is not mounted, whatever it is made of', (path, message) => {
  for (const [, source] of sourcesOf(path))
    expect(() => mount(source)).toThrow(`MountVolume.SetUp failed for volume "v" : ${message}`);
  expect(readdirSync(base).sort()).toEqual(['key', 'pod']);
});

test('case Q6: ./b is the file b of the volume', () => {
  for (const [, source] of sourcesOf('./b')) {
    mount(source);
    expect(readFileSync(join(folder, 'v/b'), 'utf8')).not.toBe('');
    mount(source);
    rmSync(join(folder, 'v'), { recursive: true });
  }
});

test('a key that no ConfigMap can have is written nowhere', () => {
  expect(() => mount({ configMap: { name: 'x' } }, { '../../../key': 'gone' })).toThrow(
    "must not contain '..'",
  );
  expect(readFileSync(join(base, 'key'), 'utf8')).toBe('mine');
});

test('a file and a folder of one name are refused with a reason, and without a path of this machine', () => {
  const items = [
    { key: 'a', path: 'b' },
    { key: 'a', path: 'b/c' },
  ];
  expect(() => mount({ configMap: { name: 'x', items } })).toThrow(
    /^MountVolume.SetUp failed for volume "v" : /,
  );
  try {
    mount({ configMap: { name: 'x', items } });
  } catch (error) {
    expect((error as Error).message).not.toContain(base);
  }
});

test('whatever the paths and keys are, a volume is mounted or refused, and nothing beside it changes', () => {
  const part = fc.constantFrom('a', 'b', '..', '.', '', '..data', '..data_tmp', 'é', '\0', 'v');
  const path = fc.array(part, { maxLength: 4 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(
      fc.array(path, { minLength: 1, maxLength: 3 }),
      fc.nat(4),
      fc.dictionary(path, fc.string()),
      (paths, kind, data) => {
        for (const one of paths) {
          for (const volume of [sourcesOf(one)[kind]![1], { configMap: { name: 'x' } }]) {
            try {
              mount(volume, { a: 'text', ...data });
            } catch (error) {
              expect(error).toBeInstanceOf(MountError);
            }
          }
        }
        expect(readdirSync(base).sort()).toEqual(['key', 'pod']);
        expect(readdirSync(join(base, 'pod'))).toEqual(['volumes']);
        expect(readdirSync(folder).filter((name) => name !== 'v')).toEqual([]);
        expect(readFileSync(join(base, 'key'), 'utf8')).toBe('mine');
      },
    ),
    { numRuns: 150 },
  );
});
