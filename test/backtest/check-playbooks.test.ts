import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { comparePlaybooks, type PlayedGame } from '../../src/backtest/playbooks.ts';
import { checkJunit, checkMarkdown } from '../../src/backtest/texts.ts';
import { parseSource } from '../../src/document/read.ts';
import { loadGradeInput } from '../../src/grade/load.ts';
import { gameFolder } from '../../src/log/folder.ts';
import { type ParsedPlaybook, parsePlaybook } from '../../src/playbook/parse.ts';

const folder = fileURLToPath(new URL('../fixtures/games/haymaker-mitigated', import.meta.url));
const today = readFileSync(join(folder, 'playbook.yaml'), 'utf8');

let game: PlayedGame;
beforeAll(async () => {
  game = { id: 'paying', input: await loadGradeInput(gameFolder(folder)) };
});

/** The playbook of that day with some text changed; each has to be there. */
function changed(...edits: [from: string, to: string][]): ParsedPlaybook {
  const text = edits.reduce((written, [from, to]) => {
    expect(written).toContain(from);
    return written.replace(from, to);
  }, today);
  const { document, problems } = parseSource('playbook.yaml', text);
  if (!document) throw problems[0];
  return parsePlaybook(document);
}

const rowsOf = (playbook: ParsedPlaybook) =>
  comparePlaybooks(game, { base: undefined, playbooks: [playbook], areAll: true }).filter(
    ({ verdict }) => verdict !== 'unchanged',
  );
const verdicts = (playbook: ParsedPlaybook) =>
  rowsOf(playbook).map(({ what, verdict, why }) => [
    what.replace('latency-without-a-deploy', '…'),
    verdict,
    why,
  ]);

const stop = today.slice(today.indexOf('  - id: stop-the-source'), today.indexOf('  - id: tell'));

describe('a changed playbook over a recorded game', () => {
  it('is unchanged where the words alone are others', () => {
    expect(verdicts(changed())).toEqual([]);
    expect(verdicts(changed(['Stop the source, not the service.', 'Stop what floods it.']))).toEqual([]);
  });

  it('is unchanged where a step has another id, and what was done matches it still', () => {
    expect(
      verdicts(changed(['id: stop-the-source', 'id: halt'], ['after: [stop-the-source]', 'after: [halt]'])),
    ).toEqual([['…/halt', 'better', 'It is new, and what was done matches it.']]);
  });

  it('is worse where a step whose action mattered is gone', () => {
    const rows = verdicts(changed([stop, ''], ['    after: [stop-the-source]\n', '']));
    expect(rows).toContainEqual([
      '…/stop-the-source',
      'worse',
      expect.stringMatching(/^It was removed, and no step matches ".*report-export.*" any more\.$/),
    ]);
  });

  it('is worse where a matcher asks for another verb', () => {
    expect(verdicts(changed(['verb: [delete, patch, update]', 'verb: [create]']))).toContainEqual([
      '…/stop-the-source',
      'worse',
      'Nothing that was done matches it any more.',
    ]);
  });

  it('is worse where the order is turned round', () => {
    expect(
      verdicts(
        changed(
          ['    after: [look-at-golden-signals]\n    say: >-', '    after: [stop-the-source]\n    say: >-'],
          ['    after: [compare-inbound]\n    say: Stop', '    say: Stop'],
        ),
      ),
    ).toContainEqual([
      '…/compare-inbound',
      'worse',
      'It was done in its place, and counts as too early now.',
    ]);
  });

  it('is worse where what did a step is called harmful', () => {
    const rows = rowsOf(changed(['resource: [statefulsets,', 'resource: [jobs, statefulsets,']));
    expect(rows).toContainEqual(
      expect.objectContaining({
        before: 'not harmful',
        after: 'harmful',
        verdict: 'worse',
        why: 'It did a step, and is called harmful now.',
      }),
    );
  });

  it('is worse where it cannot be read, has another name, or asks for a role that nobody binds', () => {
    const whole = (playbook: ParsedPlaybook) =>
      rowsOf(playbook).map(({ after, verdict }) => [after, verdict]);
    expect(whole(changed(['after: [compare-inbound]', 'after: [compare-outbound]']))).toEqual([
      ['unreadable', 'worse'],
    ]);
    expect(whole(changed(['name: latency-without-a-deploy', 'name: slow']))).toEqual([
      ['no playbook', 'worse'],
    ]);
    expect(whole(changed(['roles: { service: name,', 'roles: { service: name, region: name,']))).toEqual([
      ['unreadable', 'worse'],
    ]);
  });

  it('says nothing of a game whose playbook is not the one that was named', () => {
    const other = changed(['name: latency-without-a-deploy', 'name: slow']);
    expect(comparePlaybooks(game, { base: undefined, playbooks: [other], areAll: false })).toEqual([]);
  });

  it('comes as a row of the comment and a failure of JUnit', () => {
    const parts = rowsOf(changed(['verb: [delete, patch, update]', 'verb: [create]']));
    const report = { games: 1, rows: [], parts, leftOut: [] };
    expect(checkMarkdown(report)).toContain('### Playbooks over recorded games: something got worse');
    expect(checkJunit(report)).toMatch(
      /name="step latency-without-a-deploy\/stop-the-source">\n {6}<failure/,
    );
  });
});
