import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeError } from '../../src/errors.ts';
import { faultSchemas } from '../../src/fault/types/registry.ts';
import { findPlaybook, findScenario, type Library, readLibrary } from '../../src/scenario/library.ts';
import { changed, haymaker } from './fixtures.ts';

let folder: string;
let library: Library;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'library-'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('a-broken.yaml', 'kind: Scenario\nname: [\n');
  write('b-wrong.yaml', changed(['name: haymaker', 'name: wrong'], ['hints', 'hnts']));
  write('c-good.yaml', haymaker);
  write('d-again.yaml', haymaker);
  write('e-other.yaml', 'kind: Scenaro\nname: x\n');
  copyFileSync('test/fixtures/scenarios/param-growth.yaml', join(folder, 'param-growth.yaml'));
  library = await readLibrary({ scenarios: [folder], playbooks: [folder] }, { faultSchemas });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a library', () => {
  it('gives what can be played although other files are broken', () => {
    expect(findScenario(library, 'haymaker').scenario?.title).toBe('Paying takes forever');
  });

  it('tells what is wrong with each of the others', () => {
    const told = library.problems.map((problem) => describeError(problem).replace(`${folder}/`, ''));
    expect(told).toEqual([
      expect.stringMatching(/^a-broken\.yaml:\d+:\d+: Not valid YAML/),
      'e-other.yaml:1:7: Expected kind: Scenario or Playbook, got "Scenaro".\n  Did you mean "Scenario"?',
      `d-again.yaml:3:7: The name "haymaker" is taken by ${join(folder, 'c-good.yaml')}.`,
    ]);
  });

  it('refuses params that multiply at their line, once, and keeps the others (case S18)', () => {
    const growth = library.scenarios.find(({ document }) => document.file.endsWith('param-growth.yaml'));
    expect(growth?.problems.map((problem) => describeError(problem).split('\n')[0])).toEqual([
      expect.stringMatching(/param-growth\.yaml:16:7: Expected at most 262144 characters/),
    ]);
    expect(library.scenarios.filter(({ scenario }) => scenario)).toHaveLength(2);
  });

  it('gives the problem of a scenario that is asked for by name', () => {
    expect(() => findScenario(library, 'wrong')).toThrow('Unknown key "hnts"');
  });

  it('says which name was perhaps meant, and what could not be read', () => {
    const todo = expect.stringMatching(
      /^Did you mean "haymaker"\?\n {2}Not read: .*a-broken\.yaml:\d+:\d+: Not/,
    );
    expect(() => findScenario(library, 'heymaker')).toThrow(
      expect.objectContaining({ code: 'unknown-scenario', todo, exitCode: 2 }),
    );
    expect(() => findPlaybook(library, 'x')).toThrow(expect.objectContaining({ code: 'unknown-playbook' }));
  });
});
