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
