import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDocument, readPlaybook, readScenario } from '../../../src/game/start/documents.ts';
import { casesOf } from '../../../src/game/validate/cases.ts';
import { doingOf, routesOf, stepsToFollow, withoutRun } from '../../../src/game/validate/routes.ts';
import { packageRoot } from '../../../src/paths.ts';
import { playbookSchema } from '../../../src/playbook/schema.ts';

const file = (path: string) => openDocument(join(packageRoot, path));
const haymaker = await file('scenarios/haymaker.yaml');
const scenario = readScenario(haymaker, {});
const playbook = readPlaybook(await file('playbooks/latency-without-a-deploy.yaml'), scenario);
const upstream = await file('scenarios/broken-upstream.yaml');
const oneInN = readPlaybook(await file('playbooks/one-in-n-fails.yaml'), readScenario(upstream, {}));

const match = { declared: 'note' };
function grouped(...steps: object[]) {
  return playbookSchema.parse({
    apiVersion: 'misfortune/v1',
    kind: 'Playbook',
    name: 'ways',
    title: 'Ways',
    steps: steps.map((step, index) => ({ id: `step-${index}`, phase: 'mitigate', ...step })),
  });
}
const branch = (id: string, more: object = { run: 'true' }) => ({ id, match, ...more });

describe('what is to be proven of a scenario', () => {
  it('is the playbook, every fix, every wrong fix, every mitigating step left out, other names, and nothing', () => {
    const all = casesOf(scenario, playbook);
    const named = (kind: string) => all.filter((one) => one.kind === kind).map(({ name }) => name);
    expect(named('fixes')).toEqual(scenario.fixes.map(({ name }) => name));
    expect(named('wrong-fixes')).toEqual(scenario.wrongFixes.map(({ name }) => name));
    expect(named('left-out')).toEqual(['stop-the-source']);
    expect([named('playbook'), named('renamed'), named('nothing')]).toEqual([
      ['latency-without-a-deploy'],
      ['job=invoice-sync'],
      ['until the time-out'],
    ]);
  });

  it('gives what is broken other names: of an object that is created, or of another one that is there', () => {
    expect(readScenario(haymaker, scenario.renamed).diagnosis.origin).toBe('job.batch/batch/invoice-sync');
    const { renamed } = readScenario(upstream, {});
    expect(renamed).toEqual({ entry: 'till-2' });
    expect(readScenario(upstream, renamed).faults[0]?.spec).toMatchObject({ entry: 'till-2' });
    expect(
      casesOf({ ...scenario, renamed: {} }, playbook).find(({ kind }) => kind === 'renamed'),
    ).toMatchObject({
      skip: expect.stringContaining('names no others'),
    });
  });

  it('verifies nothing where a mitigating step is left out: what waits for the mending would outlast the game', () => {
    const ids = (leftOut?: string) => stepsToFollow(playbook, leftOut).map(({ id }) => id);
    expect(ids()).toContain('verify');
    expect(ids('stop-the-source')).toEqual(ids().filter((id) => id !== 'stop-the-source' && id !== 'verify'));
  });

  it('is every alternative of a playbook that can be run, and says which cannot', () => {
    const ways = casesOf(scenario, oneInN).filter(({ kind }) => kind === 'playbook');
    expect(ways.map(({ name }) => name)).toEqual(['one-in-n-fails', 'one-in-n-fails by read-the-log']);
    const silent = grouped({ anyOf: [branch('a'), branch('b', {})] }, { id: 'look', say: 'Look.', match });
    const skipped = casesOf(scenario, silent).filter((one) => one.kind === 'playbook' && 'skip' in one);
    expect(skipped.map(({ name }) => name)).toEqual(['step-0/b', 'look']);
    expect(withoutRun(silent)).toEqual(['step-0/b', 'look']);
  });
});

describe('the ways through a playbook', () => {
  it('are as many as the largest group has branches, and take each branch', () => {
    const book = grouped(
      { anyOf: [branch('a'), branch('b'), branch('c')] },
      { run: 'true', match },
      { anyOf: [branch('x'), branch('silent', {}), branch('y')] },
    );
    const routes = routesOf(book);
    expect(routes.map(({ name }) => name)).toEqual(['ways', 'ways by b, y', 'ways by c']);
    expect(routes.map((route) => book.steps.map((step) => doingOf(step, route).id))).toEqual([
      ['a', 'step-1', 'x'],
      ['b', 'step-1', 'y'],
      ['c', 'step-1', 'x'],
    ]);
  });

  it('are one where there is nothing to choose', () => {
    expect(routesOf(playbook).map(({ name }) => name)).toEqual(['latency-without-a-deploy']);
  });
});
