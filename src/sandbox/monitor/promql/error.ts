/**
 * A query that cannot be answered. `bad_data`: the text is wrong (HTTP 400); `execution`: it failed on this
 * data, or needs a part of PromQL this evaluator does not have (HTTP 422); `timeout` and `canceled` (HTTP 503).
 */
export class PromqlError extends Error {
  readonly type: 'bad_data' | 'execution' | 'timeout' | 'canceled';

  constructor(type: PromqlError['type'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PromqlError';
    this.type = type;
  }
}

/** An error at an offset of the text, in Prometheus' words: `1:7: parse error: …`. */
export function parseError(text: string, offset: number, message: string): PromqlError {
  const before = text.slice(0, offset).split('\n');
  return new PromqlError(
    'bad_data',
    `${before.length}:${before.at(-1)!.length + 1}: parse error: ${message}`,
  );
}

export function unsupported(what: string): PromqlError {
  return new PromqlError('execution', `${what} is not supported yet`);
}
