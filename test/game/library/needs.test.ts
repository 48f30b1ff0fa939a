import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { documentFindings } from '../../../src/cli/commands/doctor.ts';
import { findGame, loadLibrary } from '../../../src/game/library/library.ts';
import type { FoundPostgres } from '../../../src/postgres.ts';
import { playbookText, scenarioText } from '../small-cluster.ts';

const home = mkdtempSync(join(tmpdir(), 'needs-'));
afterAll(() => rmSync(home, { recursive: true }));
const config = join(home, 'misfortune.yaml');
writeFileSync(
  config,
  `apiVersion: misfortune/v1
kind: Config
scenarios: [.]
playbooks: [.]
clusters:
  staging: { context: c, namespaces: [town], prometheus: { url: 'http://x' } }
`,
);
writeFileSync(join(home, 'scenario.yaml'), scenarioText.replace('owner:', 'needs: [database]\nowner:'));
writeFileSync(join(home, 'playbook.yaml'), playbookText);

const missing: FoundPostgres = { missing: 'there is no PostgreSQL' };
const found: FoundPostgres = { bin: '/pg/bin', folder: '/pg', version: '18.4', major: 18 };
const load = (postgres: FoundPostgres, cluster?: string) =>
  loadLibrary({ config, postgres: () => postgres, ...(cluster && { cluster }) });
const name = 'wrong-greeting';
const names = ({ playable }: { playable: { scenario: { name: string } }[] }) =>
  playable.map(({ scenario }) => scenario.name);

it('a scenario that needs a database is not on the wheel of a machine without PostgreSQL, which is no problem of its', async () => {
  const loaded = await load(missing);
  expect(loaded.problems).toEqual([]);
  expect(names(loaded)).not.toContain(name);
  expect(loaded.leftOut).toContainEqual({
    ...{ name, title: 'Customers are greeted rudely' },
    why: expect.objectContaining({ code: 'part-missing' }),
  });
  const others = (await load(found)).playable.filter(({ scenario }) => scenario.needs.length === 0);
  expect(names(loaded)).toEqual(names({ playable: others }));
});

it('doctor tells of each that is left out, and why', async () => {
  const told = documentFindings(await load(missing)).filter(({ what }) => what === 'left out');
  expect(told.map(({ state }) => state)).toContain('warning');
  expect(told.map(({ seen }) => seen).join()).toContain(
    `The scenario "${name}" needs a PostgreSQL on this machine: there is no PostgreSQL.`,
  );
  expect(documentFindings(await load(found)).filter(({ what }) => what === 'left out')).toEqual([]);
});

it('who asks for it by its name is told what is missing, and what to do', async () => {
  const loaded = await load(missing);
  expect(() => findGame(loaded, name)).toThrow(
    expect.objectContaining({
      code: 'part-missing',
      exitCode: 3,
      message: `The scenario "${name}" needs a PostgreSQL on this machine: there is no PostgreSQL.`,
      todo: expect.stringContaining('Install PostgreSQL 16 or newer'),
    }),
  );
});

it('a PostgreSQL that cannot let the database make its roles is as good as none', async () => {
  const old: FoundPostgres = { bin: '/pg/bin', folder: '/pg', version: '15.18', major: 15 };
  const loaded = await load(old);
  expect(names(loaded)).not.toContain(name);
  expect(() => findGame(loaded, name)).toThrow(
    `The scenario "${name}" needs a PostgreSQL on this machine: /pg/bin has PostgreSQL 15.18; the shop's database needs 16 or newer.`,
  );
});

it('it is played where there is a PostgreSQL', async () => {
  const loaded = await load(found);
  expect(names(loaded)).toContain(name);
  expect(loaded.leftOut).toEqual([]);
  expect(findGame(loaded, name).playbook.name).toBe('greet-well');
});

it('a cluster of misfortune.yaml does not need what this machine lacks', async () => {
  const loaded = await load(missing, 'staging');
  expect(names(loaded)).toEqual([name]);
  expect(loaded.leftOut).toEqual([]);
});

it('what may be needed is known: anything else is a mistake at its place', async () => {
  const file = join(home, 'scenario.yaml');
  writeFileSync(file, scenarioText.replace('owner:', 'needs: [databse]\nowner:'));
  const { problems } = await load(found);
  expect(problems).toContainEqual(expect.objectContaining({ place: expect.objectContaining({ file }) }));
});
