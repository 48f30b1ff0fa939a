import { expect, it } from 'vitest';
import { parseSource } from '../../src/document/read.ts';
import { faultSchemas } from '../../src/fault/types/registry.ts';
import { parsePlaybook } from '../../src/playbook/parse.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { playbookText, scenarioText } from '../game/small-cluster.ts';

it('parses a document once, a scenario once with the same params', () => {
  const playbook = parseSource('playbook.yaml', playbookText).document!;
  expect(parsePlaybook(playbook)).toBe(parsePlaybook(playbook));
  const scenario = parseSource('scenario.yaml', scenarioText).document!;
  const moody = (mood: string) => parseScenario(scenario, { faultSchemas, params: { mood } });
  expect(moody('bored')).toBe(moody('bored'));
  expect(moody('loud')).not.toBe(moody('bored'));
  expect(moody('loud').values).toMatchObject({ mood: 'loud' });
  expect(parseScenario(scenario, { faultSchemas })).toBe(
    parseScenario(scenario, { faultSchemas, params: {} }),
  );
});

it('parses another document of the same text anew: its places are others', () => {
  const read = (file: string) => parsePlaybook(parseSource(file, playbookText).document!);
  expect(read('a.yaml').document.file).toBe('a.yaml');
  expect(read('b.yaml').document.file).toBe('b.yaml');
});
