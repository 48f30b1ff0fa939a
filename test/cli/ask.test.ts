import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askYesOrNo } from '../../src/cli/ask.ts';

async function ask(...typed: string[]): Promise<Awaited<ReturnType<typeof askYesOrNo>> & { shown: string }> {
  const stdin = new PassThrough();
  // A line that is only begun is known where there is a terminal.
  const stdout = Object.assign(new PassThrough(), { isTTY: true });
  const asked = askYesOrNo('Agree? [Y/n] ', { stdin, stdout });
  for (const text of typed) {
    stdin.write(text);
    await new Promise((resolve) => setImmediate(resolve));
  }
  stdin.end();
  return { ...(await asked), shown: String(stdout.read() ?? '') };
}

describe('a question of yes or no', () => {
  it.each([
    ['\n', true],
    ['y\n', true],
    ['Yes\n', true],
    ['n\n', false],
    ['NO\n', false],
    ['', false],
  ])('takes %j as %s', async (typed, answer) => {
    expect(await ask(typed)).toMatchObject({ answer, typedAhead: [] });
  });

  it('gives back what was typed ahead, before its answer and after it, and asks again', async () => {
    const asked = await ask('kubectl get pods\n', 'y\nkubectl get jobs\nkubectl de');
    expect(asked).toMatchObject({ answer: true });
    expect(asked.typedAhead).toEqual(['kubectl get pods', 'kubectl get jobs', 'kubectl de']);
    expect(asked.shown.split('Agree?')).toHaveLength(3);
    expect(asked.shown).toContain('Answer y or n');
  });
});
