/** The query of pods/log. */
import type { LogOptions } from '../../../api.ts';
import { badRequest, type FieldError, invalid } from '../../status.ts';

/** Throws ApiError 400 and 422 in the real server's words. */
export function parseLogOptions(query: URLSearchParams, pod: string): LogOptions {
  const number = (name: string) => {
    const text = query.get(name);
    if (text === null || text === '') return undefined;
    if (!/^[+-]?\d+$/.test(text))
      throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    return Number(text);
  };
  const flag = (name: string) => ['true', '1', ''].includes(query.get(name) ?? 'false');
  const options: LogOptions = {
    follow: flag('follow'),
    previous: flag('previous'),
    timestamps: flag('timestamps'),
    tailLines: number('tailLines'),
    limitBytes: number('limitBytes'),
    sinceSeconds: number('sinceSeconds'),
    sinceTime: query.get('sinceTime') ?? undefined,
  };
  const errors = validate(options, query.has('stream'));
  if (errors.length > 0) throw invalid({ kind: 'PodLogOptions', group: '' }, pod, errors);
  return options;
}

function validate(options: LogOptions, hasStream: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const add = (type: FieldError['type'], field: string, message: string) =>
    errors.push({ type, field, message });
  const { tailLines, limitBytes, sinceSeconds, sinceTime } = options;
  if (hasStream) add('Forbidden', 'stream', 'Forbidden: may not be specified');
  if (tailLines !== undefined && tailLines < 0) {
    add('Invalid', 'tailLines', `Invalid value: ${tailLines}: must be greater than or equal to 0`);
  }
  if (limitBytes !== undefined && limitBytes < 1) {
    add('Invalid', 'limitBytes', `Invalid value: ${limitBytes}: must be greater than 0`);
  }
  if (sinceSeconds !== undefined && sinceTime !== undefined) {
    add('Forbidden', '[]', 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified');
  } else if (sinceSeconds !== undefined && sinceSeconds < 1) {
    add('Invalid', 'sinceSeconds', `Invalid value: ${sinceSeconds}: must be greater than 0`);
  }
  return errors;
}
