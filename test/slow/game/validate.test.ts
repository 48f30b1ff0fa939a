import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaseKind, CaseResult } from '../../../src/game/validate/result.ts';
import { selectCases } from '../../../src/game/validate/select.ts';
import { readCases, validate } from '../../../src/game/validate/validate.ts';
import { pastGames } from '../../../src/log/past-games.ts';
import { type SmallTown, scenarioText, startSmallTown } from '../../game/small-cluster.ts';
import { kubectlVersions } from '../../kubectl.ts';

let home: string;
let town: SmallTown;
let path: string | undefined;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  town = await startSmallTown(home);
  await town.settle(home);
  path = process.env.PATH;
  const kubectl = kubectlVersions().at(-1)?.path ?? '';
  if (kubectl.includes('/')) process.env.PATH = `${dirname(kubectl)}${delimiter}${path}`;
});
afterAll(async () => {
  process.env.PATH = path;
  await town.close();
  rmSync(home, { recursive: true });
});

const mend = `kubectl -n town patch configmap greeter --type=merge -p '{"data":{"tone":"kind"}}'`;
const more = `fixes:
  - name: be kind
    run: ${JSON.stringify(mend)}
wrongFixes:
  - name: shout
    run: kubectl -n town label configmap greeter volume=loud
    fails: tone-back
    effect: { field: { ref: configmap/town/greeter, path: metadata.labels.volume, equals: loud }, within: 30s }
`;

async function prove(text: string, only: CaseKind[]): Promise<CaseResult[]> {
  const scenario = join(home, 'proven.yaml');
  writeFileSync(scenario, text);
  const { signal } = new AbortController();
  const files = [{ scenario, playbook: join(home, 'playbook.yaml') }];
  const todo = selectCases(await readCases(files), { kinds: only });
  return (await validate({ stateHome: home, todo, cluster: {}, signal })).results;
}

describe('a validation', () => {
  it('passes a scenario whose playbook and fix mend it, whose wrong fix fails, and whose step is needed', async () => {
    const results = await prove(scenarioText + more, ['playbook', 'fixes', 'wrong-fixes', 'left-out']);
    expect(results.map(({ kind, outcome, problems }) => [kind, outcome, ...problems])).toEqual([
      ['playbook', 'passed'],
      ['fixes', 'passed'],
      ['wrong-fixes', 'passed'],
      ['left-out', 'passed'],
    ]);
    expect(town.server.api.get('configmaps', 'town', 'greeter')?.metadata.labels).toBeUndefined();
  });

  it('names the alert that has no rule, the fix that does not mend, and the wrong fix that does', async () => {
    const text = `${scenarioText}${more
      .replace(JSON.stringify(mend), 'kubectl -n town get configmap greeter')
      .replace(
        'kubectl -n town label configmap greeter volume=loud',
        JSON.stringify(`${mend} && ${'kubectl -n town label configmap greeter volume=loud'}`),
      )}alerts: { expected: [Rudeness] }\n`;
    const [playbook, fix, wrong] = await prove(text, ['playbook', 'fixes', 'wrong-fixes']);
    expect(playbook).toMatchObject({ outcome: 'failed', problems: ['Rudeness: no_rule.'] });
    expect(fix?.problems.join()).toContain('the oracle does not hold: tone-back');
    expect(wrong?.problems.join()).toMatch(/tone-back does not fail/);
  });

  it('says that the fault had no effect, and which command could not be run', async () => {
    const none = scenarioText.replace('mood: rude', 'mood: bored');
    const [idle] = await prove(none, ['playbook']);
    expect(idle?.problems.join()).toContain('had no effect');
    const [typo] = await prove(scenarioText + more.replace(JSON.stringify(mend), 'kubectl -n town paint x'), [
      'fixes',
    ]);
    expect(typo?.problems.join()).toContain('"kubectl -n town paint x" exited with 1');
  });

  it("is nobody's practice: its games are not among the past ones", () => {
    expect(pastGames(home).games).toEqual([]);
  });
});
