import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  makeFolderInside,
  OutsideFolder,
  partsOf,
  readInside,
  writeInside,
} from '../../src/sandbox/confined.ts';
import { ContainerFiles } from '../../src/sandbox/runtime/files.ts';

const SECRET = 'what is outside';
let base: string;
let folder: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'confined-')));
  folder = join(base, 'pod');
  mkdirSync(folder);
  mkdirSync(join(base, 'outside/deep'), { recursive: true });
  writeFileSync(join(base, 'outside/secret'), SECRET);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** Everything that is not the pod's, with what is in it. */
const outside = (): string[] => [
  ...readdirSync(base),
  ...readdirSync(join(base, 'outside')),
  ...readdirSync(join(base, 'outside/deep')),
  readFileSync(join(base, 'outside/secret'), 'utf8'),
];

const name = fc.constantFrom(
  'a',
  'b',
  'c',
  '..',
  '.',
  '',
  'outside',
  'secret',
  'pod',
  '...',
  'a\0b',
  'é',
  '/',
);
const path = fc.oneof(
  // Mostly few names, so that what is asked for meets a link that was made before.
  {
    arbitrary: fc.constantFrom('a', 'b', 'a/b', 'a/secret', 'a/new', 'b/a/new', 'a/deep/x', './b'),
    weight: 4,
  },
  fc.array(name, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/')),
  fc.string({ maxLength: 12 }),
);
const target = fc.constantFrom(
  ...['..', '../outside', '../../outside', '../outside/secret', '../../outside/secret', '../outside/deep'],
  ...['.', 'a', 'b', 'a/../..', 'c/b', 'ABSOLUTE', 'ABSOLUTE/secret', 'ABSOLUTE/new'],
);
const step = fc.record({ do: fc.constantFrom('link', 'write', 'append', 'folder', 'read'), path, target });

/** Makes a link as a program in the pod might, wherever it leads. */
function link(at: string, to: string): void {
  try {
    const parts = partsOf(at);
    if (realpathSync(dirname(join(folder, ...parts))).startsWith(folder))
      symlinkSync(to.replace('ABSOLUTE', join(base, 'outside')), join(folder, ...parts));
  } catch {
    // There is something already, or no such folder.
  }
}

test('whatever path is asked for and whatever links a pod makes in between, nothing outside is read, made or changed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      const before = outside();
      for (const { do: what, path, target } of steps) {
        if (what === 'link') {
          link(path, target);
          continue;
        }
        const at = `${folder}/${path}`;
        try {
          if (what === 'folder') makeFolderInside([folder], at);
          else if (what === 'read') expect(readInside([folder], at, 100).toString()).not.toBe(SECRET);
          else writeInside([folder], at, 'changed', what === 'append');
        } catch (error) {
          if ((error as Error).name === 'AssertionError') throw error;
        }
      }
      expect(outside()).toEqual(before);
    }),
    { numRuns: 6000 },
  );
});

test.each(['missing/../../a', '...//../../a', 'missing/../../outside/new'])(
  'a folder is made at no path that leads out by way of one that is missing: %s',
  (path) => {
    const before = outside();
    expect(() => makeFolderInside([folder], `${folder}/${path}`)).toThrow(OutsideFolder);
    expect(outside()).toEqual(before);
  },
);

test('the tools of exec reach nothing outside either', () => {
  const view = { real: (at: string) => folder + (at === '/' ? '' : at), shown: (at: string) => at };
  const files = new ContainerFiles({ ...view, readable: [folder], writable: [folder], mounts: [] });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      const before = outside();
      for (const { do: what, path, target } of steps) {
        const at = files.resolve('/', path);
        try {
          if (what === 'link') link(path, target);
          else if (what === 'folder') files.makeFolder(at, true);
          else if (what === 'append') files.touch(at);
          else if (what === 'read') expect(files.read(at).toString()).not.toBe(SECRET);
          else {
            files.write(at, 'changed');
            files.setMode(at, 0o777);
            files.makeLink(`${at}.link`, target);
            files.copy(at, `${at}.link`);
            files.remove(at, { recursive: true });
          }
        } catch (error) {
          if ((error as Error).name === 'AssertionError') throw error;
        }
      }
      expect(outside()).toEqual(before);
    }),
    { numRuns: 100 },
  );
});

test('a plain path is written and read back, in folders that are made on the way', () => {
  const plain = fc.array(fc.stringMatching(/^[a-zA-Z0-9_-]{1,8}$/), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(plain, fc.string(), (parts, text) => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      const at = join(folder, ...partsOf(parts.join('/')));
      makeFolderInside([folder], dirname(at));
      writeInside([folder], at, text);
      writeInside([folder], at, '!', true);
      expect(readInside([folder], at, 1000).toString()).toBe(`${text}!`);
    }),
    { numRuns: 50 },
  );
});

test('./b is the file b', () => {
  expect(partsOf('./b')).toEqual(['b']);
  expect(partsOf('a//./b/')).toEqual(['a', 'b']);
  for (const bad of ['', '.', '..', 'a/../b', '/a', 'a\0']) expect(() => partsOf(bad)).toThrow('leads out');
  expect(existsSync(join(folder, 'b'))).toBe(false);
});
