import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../src/paths.ts';
import type { KubeObject } from '../../../src/sandbox/api.ts';
import { DOORS, GLOBAL_DOORS } from '../../../src/sandbox/network/preload/doors.ts';
import { tryWall } from '../../../src/sandbox/wall/wall.ts';
import { ready, startTestNode, type TestNode } from '../../sandbox/kubelet/node.ts';
import { ATTEMPTS, type Attempt, prelude } from './attempts.ts';
import { type Bait, layBait } from './bait.ts';
import { OUTSIDE } from './outside.ts';

const major = Number(process.versions.node.split('.')[0]);
const here = ATTEMPTS.filter(({ since = 0 }) => major >= since);
const place = realpathSync(mkdtempSync(join(tmpdir(), 'bait-')));
const baits: Bait[] = [];
let laidSoFar = 0;
const bait = async (): Promise<Bait> => {
  const laid = await layBait(place, `b${++laidSoFar}`);
  baits.push(laid);
  return laid;
};
afterAll(() => {
  for (const one of baits) one.close();
  rmSync(place, { recursive: true, force: true });
});

interface Outcome {
  touched: string[];
  log: string;
}

const walls = [
  { name: 'the first wall alone', walled: false },
  ...(tryWall().stands ? [{ name: 'both walls', walled: true }] : []),
];

describe.each(walls)('$name', ({ walled }) => {
  let node: TestNode;
  const outcomes = new Map<Attempt, Outcome>();
  beforeAll(async () => {
    node = await startTestNode(1, undefined, walled);
    node.pod('box', { image: 'node:20', command: ['node', '-e', 'setInterval(() => {}, 1000)'] });
    await node.until('box', ready);
    // A few at a time: more would wait for each other longer than they give themselves.
    const left = [...here.entries()];
    const work = async (): Promise<void> => {
      for (let next = left.shift(); next; next = left.shift()) {
        const [index, attempt] = next;
        const own = await bait();
        const name = `p${index}`;
        const source = `${prelude(own)}\n${attempt.source(own)}`;
        node.pod(name, {
          command: ['node', '-e', source],
          pod: { restartPolicy: 'Never', activeDeadlineSeconds: 8 },
        });
        const ended = ({ status }: KubeObject) => ['Failed', 'Succeeded'].includes(status?.phase);
        const stuck = await node.until(name, ended).then(
          () => '',
          (error: Error) => error.message,
        );
        const log = `${await node.log(name)}${stuck}`;
        outcomes.set(attempt, { touched: own.touched(log), log });
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
  }, 120_000);
  afterAll(() => node.close());

  test.each(here)('a program that $name reaches nothing of the host', (attempt) => {
    const { touched, log } = outcomes.get(attempt)!;
    expect(touched, log).toEqual([]);
    // It did run.
    expect(log).toContain('tries');
  });

  test.each(OUTSIDE)('$name: nothing of the host is reached', async ({ act }) => {
    const own = await bait();
    const log = await act(node, own).catch((error: Error) => error.message);
    expect(own.touched(log), log).toEqual([]);
    expect((await node.exec('box', 'echo', 'alive')).out).toBe('alive\n');
  });
});

describe('each attempt is one: on a Node without walls it reaches the bait', () => {
  const outcomes = new Map<Attempt, Outcome>();
  const free = here.filter(({ ours }) => !ours);
  beforeAll(async () => {
    const left = [...free.entries()];
    const work = async (): Promise<void> => {
      for (let next = left.shift(); next; next = left.shift()) {
        const [index, attempt] = next;
        const own = await bait();
        const folder = join(place, `plain-${index}`);
        mkdirSync(folder);
        const log = await runPlainly(`${prelude(own)}\n${attempt.source(own)}`, folder);
        outcomes.set(attempt, { touched: own.touched(log), log });
      }
    };
    await Promise.all(Array.from({ length: 4 }, work));
  }, 120_000);

  test.each(free)('$name', (attempt) => {
    const { touched, log } = outcomes.get(attempt)!;
    expect(touched, log).not.toEqual([]);
  });
});

function runPlainly(source: string, folder: string): Promise<string> {
  const env = { PATH: process.env.PATH, TMPDIR: folder, NODE_OPTIONS: '' };
  const child = spawn(process.execPath, ['-e', source], {
    cwd: folder,
    env,
    timeout: 10_000,
    killSignal: 'SIGKILL',
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (it) => (log += it));
  // Not its end of output: what it has started may hold that open.
  return new Promise((resolve) => child.once('exit', () => setTimeout(() => resolve(log), 100)));
}

describe('the list of doors', () => {
  const names = (list: readonly string[]): string[] =>
    list.map((name) => name.replace(/^node:/, '')).filter((name) => !name.startsWith('_'));

  test('judges every module of this Node', () => {
    expect(names(builtinModules).filter((name) => !(name in DOORS))).toEqual([]);
  });

  test('has an attempt for every door that is no harmless one', () => {
    const tried = new Set(ATTEMPTS.flatMap(({ doors }) => doors));
    const open = Object.entries(DOORS).filter(([, { kept }]) => kept !== 'harmless');
    expect(open.map(([name]) => name).filter((name) => !tried.has(name))).toEqual([]);
    const globals = GLOBAL_DOORS.filter((name) => name in globalThis);
    expect(globals.filter((name) => !tried.has(name))).toEqual([]);
  });
});

test('there are at least sixty attempts, and docs/safety.md lists each', () => {
  const all = [...ATTEMPTS, ...OUTSIDE].map(({ name }) => name);
  expect(all.length).toBeGreaterThanOrEqual(60);
  expect(new Set(all).size).toBe(all.length);
  const page = readFileSync(join(packageRoot, 'docs/safety.md'), 'utf8').replace(/\s+/g, ' ');
  expect(all.filter((name) => !page.includes(name))).toEqual([]);
});
