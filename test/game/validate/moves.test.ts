import { expect, test } from 'vitest';
import { parseSource } from '../../../src/document/read.ts';
import { followPlaybook } from '../../../src/game/validate/moves.ts';
import type { Round } from '../../../src/game/validate/round.ts';
import { routesOf } from '../../../src/game/validate/routes.ts';
import { parsePlaybook } from '../../../src/playbook/parse.ts';

test('a line that leaves a word to whoever types it is not run, and that is said', async () => {
  const { document } = parseSource(
    'crash.yaml',
    [
      'apiVersion: misfortune/v1',
      'kind: Playbook',
      'name: crash',
      'title: It crashes',
      'answers: [Crashes]',
      'steps:',
      '  - id: look',
      '    phase: diagnose',
      '    run: kubectl describe pod <pod>',
      '    match: { kube: { verb: get, resource: pods } }',
    ].join('\n'),
  );
  const { playbook } = parsePlaybook(document!);
  const [route] = routesOf(playbook!);
  const seen: string[] = [];
  const round = {
    setup: { monitoring: {} },
    state: () => ({ actions: [] }),
    saw: (line: string) => seen.push(line),
    responder: { run: () => Promise.reject(new Error('it was run')) },
  } as unknown as Round;
  await followPlaybook(round, playbook!, route!);
  expect(seen).toEqual(['look: its run line has <pod>: it needs a person to follow it']);
});

const twoSteps = (after: string) => {
  const { document } = parseSource(
    'backup.yaml',
    [
      'apiVersion: misfortune/v1',
      'kind: Playbook',
      'name: backup',
      'title: It cannot be restored',
      'answers: [NoBackup]',
      'steps:',
      '  - id: mend',
      '    phase: mitigate',
      '    run: kubectl apply -f mended.yaml',
      '    match: { kube: { verb: patch, resource: cronjobs } }',
      '  - id: have-one',
      '    phase: mitigate',
      `    after: [${after}]`,
      '    run: kubectl wait job/backup --for=condition=complete',
      '    match: { kube: { verb: get, resource: jobs } }',
    ].join('\n'),
  );
  return parsePlaybook(document!).playbook!;
};

test.each<[string, string, boolean]>([
  ['comes after it, and that is told', 'mend', true],
  ['does not come after it, and that fails the case', '', false],
])('without a step, another fails that %s', async (_, after, isTold) => {
  const playbook = twoSteps(after);
  const seen: string[] = [];
  const round = {
    setup: { monitoring: {} },
    state: () => ({ actions: [], turns: [] }),
    saw: (line: string) => seen.push(line),
    until: async () => true,
    responder: { run: async () => ({ exitCode: 1, output: 'timed out' }) },
  } as unknown as Round;
  const followed = followPlaybook(round, playbook, routesOf(playbook)[0]!, 'mend');
  if (!isTold) return await expect(followed).rejects.toThrow('exited with 1: timed out');
  await followed;
  expect(seen).toEqual([
    '$ kubectl wait job/backup --for=condition=complete → 1',
    'have-one fails without mend: "kubectl wait job/backup --for=condition=complete" exited with 1: timed out',
  ]);
});
