import type { ToolCall } from '../tool.ts';

export interface PsqlOptions {
  /** undefined: the unix socket, which is inside the pod. */
  host: string | undefined;
  port: number;
  user: string;
  password: string | undefined;
  database: string;
  /** What the server calls the session. */
  application: string;
  /** `-c` and `-f`, in their order; empty: what is typed in. */
  sources: { kind: 'command' | 'file'; text: string }[];
  aligned: boolean;
  tuplesOnly: boolean;
  quiet: boolean;
  csv: boolean;
  expanded: boolean;
  separator: string;
  stopOnError: boolean;
  version: boolean;
}

export class UsageError extends Error {}

const VALUED: Record<string, string> = {
  h: 'host',
  p: 'port',
  U: 'username',
  d: 'dbname',
  c: 'command',
  f: 'file',
  v: 'set',
  F: 'field-separator',
  P: 'pset',
  t: 'timeout',
};
const FLAGS: Record<string, string> = {
  A: 'no-align',
  t: 'tuples-only',
  q: 'quiet',
  x: 'expanded',
  X: 'no-psqlrc',
  w: 'no-password',
  W: 'password',
  '1': 'single-transaction',
  e: 'echo-queries',
  V: 'version',
};

/** As psql reads them; `timed`: `-t` takes a value, as pg_isready has it. */
export function psqlOptions({ args, env }: Pick<ToolCall, 'args' | 'env'>, timed = false): PsqlOptions {
  const given = new Map<string, string>();
  const sources: PsqlOptions['sources'] = [];
  const variables = new Map<string, string>();
  const rest: string[] = [];
  const set = (name: string, value: string): void => {
    if (name === 'command' || name === 'file') sources.push({ kind: name, text: value });
    else if (name === 'set') variables.set(value.split('=')[0]!, value.slice(value.indexOf('=') + 1));
    else given.set(name, value);
  };
  const valued = Object.values(VALUED);
  for (let index = 0; index < args.length; index++) {
    const word = args[index]!;
    const next = (): string => {
      const value = args[++index];
      if (value === undefined)
        throw new UsageError(`option requires an argument -- '${word.replace(/^-+/, '')}'`);
      return value;
    };
    const [, long, value] = /^--([\w-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (long !== undefined) {
      if (valued.includes(long)) set(long, value ?? next());
      else if (Object.values(FLAGS).includes(long) || long === 'csv') set(long, '');
      else throw new UsageError(`unrecognized option '--${long}'`);
    } else if (/^-./.test(word)) {
      for (let at = 1; at < word.length; at++) {
        const letter = word[at]!;
        const takes = letter in VALUED && (letter !== 't' || timed);
        if (takes) {
          set(VALUED[letter]!, word.slice(at + 1) || next());
          break;
        }
        if (!(letter in FLAGS)) throw new UsageError(`invalid option -- '${letter}'`);
        set(FLAGS[letter]!, '');
      }
    } else rest.push(word);
  }
  const named = given.get('dbname') ?? rest.shift();
  const address = named && /^postgres(ql)?:\/\//.test(named) ? new URL(named) : undefined;
  const part = (text: string | undefined): string | undefined =>
    text ? decodeURIComponent(text) : undefined;
  const user = part(address?.username) ?? given.get('username') ?? rest.shift() ?? env.PGUSER ?? 'root';
  const host = part(address?.hostname) ?? given.get('host') ?? env.PGHOST;
  return {
    host: host?.startsWith('/') ? undefined : host || undefined,
    port: Number(part(address?.port) ?? given.get('port') ?? env.PGPORT ?? 5432),
    user,
    password: part(address?.password) ?? env.PGPASSWORD,
    database: (address ? part(address.pathname.slice(1)) : named) ?? env.PGDATABASE ?? user,
    application: env.PGAPPNAME || 'psql',
    sources,
    aligned: !given.has('no-align'),
    tuplesOnly: given.has('tuples-only'),
    quiet: given.has('quiet'),
    csv: given.has('csv'),
    expanded: given.has('expanded'),
    separator: given.get('field-separator') ?? '|',
    stopOnError: /^(1|on|true)$/i.test(variables.get('ON_ERROR_STOP') ?? ''),
    version: given.has('version'),
  };
}
