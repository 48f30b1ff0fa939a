/** One JSON object a line on stdout, as the shop's log collectors expect it. */
export interface Log {
  info(message: string, fields?: Fields): void;
  /** At most one line a second for each message: a failing dependency must not flood the log. */
  error(message: string, fields?: Fields): void;
}

type Fields = Record<string, string | number | boolean | undefined>;

const SAMPLE_MS = 1000;

export function createLog(app: string): Log {
  const last = new Map<string, { at: number; suppressed: number }>();
  const write = (level: string, message: string, fields: Fields = {}) =>
    process.stdout.write(
      `${JSON.stringify({ time: new Date().toISOString(), level, app, msg: message, ...fields })}\n`,
    );
  return {
    info: (message, fields) => write('info', message, fields),
    error(message, fields) {
      const seen = last.get(message);
      const now = Date.now();
      if (seen && now - seen.at < SAMPLE_MS) {
        seen.suppressed += 1;
        return;
      }
      write('error', message, seen?.suppressed ? { ...fields, suppressed: seen.suppressed } : fields);
      last.set(message, { at: now, suppressed: 0 });
    },
  };
}
