/** The target and the numbers of a sender, from the environment of its container. */
export function targetFromEnv(): URL {
  const text = process.env.TARGET_URL;
  if (!text || !URL.canParse(text)) throw new Error(`Expected TARGET_URL to be a URL, got "${text ?? ''}".`);
  return new URL(text);
}

export function numberFromEnv(name: string, fallback: number): number {
  const value = Number(process.env[name] || fallback);
  if (!Number.isFinite(value) || value < 0)
    throw new Error(`Expected ${name} to be a number >= 0, got "${process.env[name]}".`);
  return value;
}

/** A signal that fires on SIGTERM and SIGINT. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop.abort());
  return stop.signal;
}

/**
 * Told to stop is not done: with 0 a Job would count a deleted pod as a completion and not start another.
 * 143 is what a program without a handler ends with.
 */
export const STOPPED_EXIT_CODE = 143;

/** One JSON object on a line of stdout. */
export function print(message: string, fields: object): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), msg: message, ...fields })}\n`);
}
