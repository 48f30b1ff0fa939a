import { describe, expect, it } from 'vitest';
import { paramsOf } from '../../src/cli/params.ts';
import { makeProgram } from '../../src/cli/program/program.ts';

describe('params on the command line', () => {
  it('are numbers and booleans where they look like them', () => {
    expect(paramsOf(['rate=100', 'on=true', 'name=a=b', 'empty='])).toEqual({
      ...{ rate: 100, on: true },
      ...{ name: 'a=b', empty: '' },
    });
  });

  it.each(['__proto__', '1x', 'a b', ''])(
    'of a name that no scenario can give (%j) are refused, not lost (case C8)',
    (name) => {
      expect(() => paramsOf([`${name}=1`])).toThrow(
        name === '' ? 'Expected name=value' : `There is no param "${name}".`,
      );
    },
  );
});

/** What a command of the program was given: its words, and the option. */
function given(command: string, option: string, argv: string[]): { words: string[]; values: unknown } {
  const program = makeProgram();
  const found = program.commands.find((one) => one.name() === command)!;
  let seen: { words: string[]; values: unknown } | undefined;
  found.action(() => {
    seen = { words: found.args, values: found.opts()[option] };
  });
  program.parse(argv, { from: 'user' });
  return seen!;
}

describe('an option that may be there several times', () => {
  it('leaves the words after it to the command (case C2)', () => {
    expect(given('play', 'param', ['play', '--param', 'rate=100', 'haymaker'])).toEqual({
      words: ['haymaker'],
      values: ['rate=100'],
    });
    expect(given('validate', 'case', ['validate', '--case', 'foo', '--case', 'bar', 'haymaker'])).toEqual({
      words: ['haymaker'],
      values: ['foo', 'bar'],
    });
    expect(given('dash', 'var', ['dash', '--var', 'a=1', 'edge'])).toMatchObject({ words: ['edge'] });
  });

  it('is never variadic in a command that takes words', () => {
    const swallowing = makeProgram().commands.flatMap((command) =>
      [command, ...command.commands].flatMap((one) =>
        one.registeredArguments.length > 0
          ? one.options.filter(({ variadic }) => variadic).map(({ flags }) => `${one.name()} ${flags}`)
          : [],
      ),
    );
    expect(swallowing).toEqual([]);
  });
});
