/**
 * `npm run test:mutants -- [--count 60] [--seed 1] [--in grade,fault]`: changes one operator, number or constant of the sources at a
 * time and asks the quick tests of its folder whether they notice. Prints a line a mutant and the score; the
 * survivors are what no test holds. Works in a copy of the tree: nothing of this one is changed.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const folders = ['grade', 'fault', 'recorder', 'check', 'words'];
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    in: { type: 'string', default: folders.join(',') },
  },
});

/** What is looked for in a line, and what takes its place. */
const changes = [
  [/ === /, ' !== '],
  [/ !== /, ' === '],
  [/ && /, ' || '],
  [/ \|\| /, ' && '],
  [/ < /, ' <= '],
  [/ <= /, ' < '],
  [/ > /, ' >= '],
  [/ >= /, ' > '],
  [/ \+ /, ' - '],
  [/ - /, ' + '],
  [/ \* /, ' / '],
  [/ \/ /, ' * '],
  [/\btrue\b/, 'false'],
  [/\bfalse\b/, 'true'],
  [/(?<![\w.$])\d+(?![\w.])/, (number) => String(Number(number) + 1)],
  [/\.some\(/, '.every('],
  [/\.every\(/, '.some('],
  [/\bMath\.min\(/, 'Math.max('],
  [/\bMath\.max\(/, 'Math.min('],
  [/\?\? /, '&& '],
  [/\bif \(/, 'if (!'],
];

/** Code whose change would be one: no comments, types, imports, texts. */
function isCode(line, at) {
  if (/^\s*(\*|\/\/|\/\*|import\b|export type\b|type\b|interface\b)/.test(line)) return false;
  const before = line.slice(0, at);
  return !before.includes('//') && !/[`]/.test(line) && (before.match(/['"]/g)?.length ?? 0) % 2 === 0;
}

function candidates(file) {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  return lines.flatMap((line, index) =>
    changes.flatMap(([what, instead]) => {
      const found = what.exec(line);
      if (!found || !isCode(line, found.index)) return [];
      const now = line.replace(what, instead);
      const changed = what.source.startsWith('\\bif') ? closed(now, found.index) : now;
      return changed === undefined ? [] : [{ file, index, line, changed }];
    }),
  );
}

/** `if (!a && b)` with its condition in parentheses, if it ends on this line. */
function closed(line, at) {
  const start = line.indexOf('(!', at);
  let depth = 0;
  for (let end = start; end < line.length; end++) {
    if (line[end] === '(') depth++;
    if (line[end] === ')' && --depth === 0)
      return `${line.slice(0, start)}(!(${line.slice(start + 2, end)}))${line.slice(end + 1)}`;
  }
  return undefined;
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pick(all, count, next) {
  const left = [...all];
  return Array.from(
    { length: Math.min(count, left.length) },
    () => left.splice(Math.floor(next() * left.length), 1)[0],
  );
}

const sources = (folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(folder, file));

/** Folders whose code no test runs out of dist: a mutant needs no build, and one process runs all tests. */
const alone = new Set(['check', 'grade', 'words']);

/** True if a test fails, or does not come to an end. */
function isNoticed(copy, folder) {
  return new Promise((resolve) => {
    const args = ['run', `test/${folder}/`, '--bail=1', '--reporter=dot', '--retry=0'];
    if (alone.has(folder)) args.push('--config=alone.config.mjs', '--no-isolate', '--maxWorkers=1');
    const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', ...args], {
      cwd: copy,
      stdio: 'ignore',
      timeout: 300_000,
      env: { ...process.env, CI: 'true' },
    });
    child.once('exit', (code) => resolve(code !== 0));
  });
}

const copy = mkdtempSync(join(tmpdir(), 'mutants-'));
process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
for (const file of execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n'))
  cpSync(join(root, file), join(copy, file));
cpSync(join(root, 'dist'), join(copy, 'dist'), { recursive: true });
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
writeFileSync(
  join(copy, 'alone.config.mjs'),
  "export default { test: { include: ['test/**/*.test.{ts,tsx}'], testTimeout: 60_000, hookTimeout: 60_000 } };\n",
);

const next = random(Number(values.seed));
const each = Math.ceil(Number(values.count) / values.in.split(',').length);
const counts = {};
for (const folder of values.in.split(',')) {
  const count = { noticed: 0, of: 0 };
  counts[folder] = count;
  // Tests that are red without a mutant would notice every one of them.
  if (await isNoticed(copy, folder))
    throw new Error(`test/${folder} fails without a change: make it pass first`);
  for (const mutant of pick(sources(`src/${folder}`).flatMap(candidates), each, next)) {
    const path = join(copy, mutant.file);
    const text = readFileSync(path, 'utf8');
    const lines = text.split('\n');
    lines[mutant.index] = mutant.changed;
    writeFileSync(path, lines.join('\n'));
    const noticed = await isNoticed(copy, folder);
    writeFileSync(path, text);
    count.of++;
    if (noticed) count.noticed++;
    const where = `${mutant.file}:${mutant.index + 1}`;
    console.log(
      `${noticed ? 'noticed ' : 'SURVIVED'} ${where}: ${mutant.line.trim()}  →  ${mutant.changed.trim()}`,
    );
  }
}
for (const [folder, { noticed, of }] of Object.entries(counts))
  console.log(`${folder}: ${noticed} of ${of} noticed (${Math.round((100 * noticed) / of)} %)`);
