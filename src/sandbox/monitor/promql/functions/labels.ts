import { compileRegex, expandTemplate, type Regex } from '../../../../regex.ts';
import { distinct } from '../distinct.ts';
import { PromqlError } from '../error.ts';
import { type PromqlFunction, samplesOf, textOf, vector } from './signature.ts';

const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Functions that write labels. */
export const labelFunctions: Record<string, PromqlFunction> = {
  label_replace: {
    args: ['instant vector', 'string', 'string', 'string', 'string'],
    returns: 'instant vector',
    call: ([input, target, replacement, source, pattern]) => {
      const name = labelName(textOf(target), 'label_replace');
      const regex = compiled(textOf(pattern));
      return vector(
        distinct(
          samplesOf(input).map((sample) => {
            const match = regex.exec(sample.labels.get(textOf(source)));
            if (!match) return sample;
            return {
              ...sample,
              labels: sample.labels.with({ [name]: expandTemplate(textOf(replacement), match) }),
            };
          }),
        ),
      );
    },
  },
  label_join: {
    args: ['instant vector', 'string', 'string', 'string'],
    optional: 1,
    variadic: true,
    returns: 'instant vector',
    call: ([input, target, separator, ...sources]) => {
      const name = labelName(textOf(target), 'label_join');
      return vector(
        distinct(
          samplesOf(input).map((sample) => {
            const joined = sources.map((source) => sample.labels.get(textOf(source))).join(textOf(separator));
            return { ...sample, labels: sample.labels.with({ [name]: joined }) };
          }),
        ),
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
