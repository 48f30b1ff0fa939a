import { compileRegex, expandTemplate, type Regex } from '../../regex.ts';
import { PromqlError } from '../error.ts';
import { relabelled } from '../evaluate/table.ts';
import { tableOf, textOf, type VectorFunction } from './signature.ts';

const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Functions that write labels. */
export const labelFunctions: Record<string, VectorFunction> = {
  label_replace: {
    args: ['instant vector', 'string', 'string', 'string', 'string'],
    returns: 'instant vector',
    call: ([input, target, replacement, source, pattern], { call }) => {
      const name = labelName(textOf(target), 'label_replace');
      const [template, from] = [textOf(replacement), textOf(source)];
      const regex = compiled(textOf(pattern));
      return relabelled(tableOf(input), call, (labels) => {
        const match = regex.exec(labels.get(from));
        return match ? labels.with({ [name]: expandTemplate(template, match) }) : labels;
      });
    },
  },
  label_join: {
    args: ['instant vector', 'string', 'string', 'string'],
    optional: 1,
    variadic: true,
    returns: 'instant vector',
    call: ([input, target, separator, ...sources], { call }) => {
      const name = labelName(textOf(target), 'label_join');
      const names = sources.map(textOf);
      return relabelled(tableOf(input), call, (labels) =>
        labels.with({ [name]: names.map((source) => labels.get(source)).join(textOf(separator)) }),
      );
    },
  },
};

function labelName(name: string, where: string): string {
  if (LABEL_NAME.test(name)) return name;
  throw new PromqlError('execution', `invalid destination label name in ${where}(): ${name}`);
}

function compiled(pattern: string): Regex {
  try {
    return compileRegex(pattern, { wholeText: true });
  } catch (cause) {
    throw new PromqlError('execution', `invalid regular expression in label_replace(): ${pattern}`, {
      cause,
    });
  }
}
