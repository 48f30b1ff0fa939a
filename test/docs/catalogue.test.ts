import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cataloguePage, lessonOf, regenerate } from '../../src/docs/catalogue.ts';
import { readDocument } from '../../src/document/read.ts';
import { faultSchemas } from '../../src/fault/types/registry.ts';
import { packageRoot } from '../../src/paths.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { changed, parse } from '../scenario/fixtures.ts';

const folder = join(packageRoot, 'scenarios');
const scenarios = await Promise.all(
  readdirSync(folder).map(async (file) => {
    const { document } = await readDocument(join(folder, file));
    return parseScenario(document!, { faultSchemas }).scenario!;
  }),
);

describe('docs/catalogue.md', () => {
  it('is not stale', async () => {
    const page = join(packageRoot, 'docs/catalogue.md');
    await expect(cataloguePage(scenarios), `stale: run ${regenerate}`).toMatchFileSnapshot(page);
  });

  it('says of each scenario what it teaches', () => {
    const silent = scenarios.filter((scenario) => !lessonOf(scenario)).map(({ name }) => name);
    expect(silent, 'a debrief needs a paragraph that begins with "To take away:"').toEqual([]);
  });

  it('names what is broken under its own heading only', () => {
    const [forAll = ''] = cataloguePage(scenarios).split('## For the game master');
    for (const { name, diagnosis } of scenarios) {
      expect(forAll).not.toContain(name);
      expect(forAll).not.toContain(diagnosis.origin);
    }
  });

  it('says which can be played in the sandbox only', () => {
    const load = /load:\n {6}target(.*\n)*? {6}disguise.*\n/.exec(changed())?.[0] ?? '';
    const dns = 'dns: { name: checkout.shop.svc.cluster.local, answers: nxdomain }\n';
    const places = (source: string) =>
      /\| ([^|]+) \|\n\n##/.exec(cataloguePage([parse(source).scenario!]))?.[1];
    expect(places(changed([load, dns], ['mechanism: load', 'mechanism: dns']))).toBe('the sandbox only');
    expect(places(changed())).toBe('the sandbox, a cluster with the shop');
  });
});
