/**
 * A query that cannot be answered. `bad_data`: the text is wrong (HTTP 400); `execution`: it failed on this
 * data, or needs a part of PromQL this evaluator does not have (HTTP 422); `timeout` and `canceled` (HTTP 503).
 */
export class PromqlError extends Error {
  readonly type: 'bad_data' | 'execution' | 'timeout' | 'canceled';
  /** Of a parse error: the offset into the text, and what is wrong there, without line and column. */
  readonly at?: number;
  readonly what?: string;

  constructor(
    type: PromqlError['type'],
    message: string,
    { at, what, ...options }: ErrorOptions & { at?: number; what?: string } = {},
  ) {
    super(message, options);
    this.name = 'PromqlError';
    this.type = type;
    if (at !== undefined) Object.assign(this, { at, what });
  }
}

/**
 * An error at an offset of the text, in Prometheus' words: `1:7: parse error: …`. `cause` is where and what it is for a
 * person, if that is elsewhere.
 */
export function parseError(
  text: string,
  offset: number,
  message: string,
  cause: { at: number; message: string } = { at: offset, message },
): PromqlError {
  const before = text.slice(0, offset).split('\n');
  return new PromqlError(
    'bad_data',
    `${before.length}:${before.at(-1)!.length + 1}: parse error: ${message}`,
    { at: cause.at, what: cause.message },
  );
}

export function unsupported(what: string): PromqlError {
  return new PromqlError('execution', `${what} is not supported yet`);
}
