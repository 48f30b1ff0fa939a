/** Exit codes of every command; `misfortune --help` lists them. */
export const exitCodes = {
  ok: 0,
  /** A validation, lint, verification or oracle did not hold. */
  failed: 1,
  /** The command line or a file is wrong; nothing was touched. */
  usage: 2,
  /** A guard rail, a missing permission or an unhealthy start refused the game; nothing was touched. */
  refused: 3,
  /** The cluster, Prometheus or another outside part did not answer as needed. */
  unavailable: 4,
  /** Something of ours is still in the cluster: run `misfortune recover`. */
  leftover: 5,
  /** A defect of this program. */
  internal: 70,
  /** Ended by Ctrl-C after restoring. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Where in a file: 1-based line and column. */
export interface SourcePlace {
  file: string;
  line?: number;
  column?: number;
}

/**
 * An error a person can act on: what was expected, what was seen, what to do. `code` is stable and
 * kebab-case ("unknown-alert"); everything thrown on purpose is one of these.
 */
export class MisfortuneError extends Error {
  readonly code: string;
  readonly todo: string | undefined;
  readonly place: SourcePlace | undefined;
  readonly exitCode: ExitCode;

  constructor(
    code: string,
    message: string,
    options: { todo?: string; place?: SourcePlace; exitCode?: ExitCode; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MisfortuneError';
    this.code = code;
    this.todo = options.todo;
    this.place = options.place;
    this.exitCode = options.exitCode ?? exitCodes.failed;
  }
}

/** One line for a terminal: `file:line:col: message. What to do.` */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof MisfortuneError)) return error.message;
  const { place, todo } = error;
  const where = place
    ? `${[place.file, place.line, place.column].filter((part) => part !== undefined).join(':')}: `
    : '';
  return `${where}${error.message}${todo ? `\n  ${todo}` : ''}`;
}
