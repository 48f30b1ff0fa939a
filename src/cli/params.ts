import { exitCodes, MisfortuneError } from '../errors.ts';
import { paramName } from '../scenario/schema.ts';
import { pairs } from './commands/dash.ts';

/** `--param rate=1`: numbers and booleans are taken as such. @throws MisfortuneError `bad-pair`, `unknown-param` */
export function paramsOf(texts: string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(pairs(texts)).map(([name, text]) => {
      // What no scenario can name (`__proto__`) might be lost on its way to one without a word.
      if (!paramName.test(name)) throw unknownParam(name);
      if (text === 'true' || text === 'false') return [name, text === 'true'];
      return [name, text !== '' && Number.isFinite(Number(text)) ? Number(text) : text];
    }),
  );
}

function unknownParam(name: string): MisfortuneError {
  return new MisfortuneError('unknown-param', `There is no param "${name}".`, {
    todo: 'Names of params are words: letters, digits, _ and -, a letter first.',
    exitCode: exitCodes.usage,
  });
}
