import { readFileSync } from 'node:fs';

export const POLICIES = [
  'noeviction',
  'allkeys-lru',
  'allkeys-random',
  'volatile-lru',
  'volatile-random',
  'volatile-ttl',
] as const;
type Policy = (typeof POLICIES)[number];

/** What `CONFIG GET` and the command line name, as text: one object that CONFIG SET changes. */
export interface Settings {
  port: string;
  databases: string;
  maxmemory: string;
  'maxmemory-policy': Policy;
  maxclients: string;
  'proto-max-bulk-len': string;
  timeout: string;
  save: string;
  appendonly: string;
}

const DEFAULTS: Settings = {
  port: '6379',
  databases: '16',
  maxmemory: '0',
  'maxmemory-policy': 'noeviction',
  maxclients: '1000',
  // Redis takes 512 MiB; a pod of the sandbox is smaller.
  'proto-max-bulk-len': String(16 * 2 ** 20),
  timeout: '0',
  save: '',
  appendonly: 'no',
};

/** What may be set while it runs. */
export const CHANGEABLE: ReadonlySet<string> = new Set([
  'maxmemory',
  'maxmemory-policy',
  'maxclients',
  'save',
  'timeout',
]);

/** Reads `[file] --name value …`; throws an Error in the words of redis-server. */
export function readSettings(args: readonly string[]): Settings {
  const settings = { ...DEFAULTS };
  const [file] = args;
  const lines = file && !file.startsWith('--') ? readFileSync(file, 'utf8').split('\n') : [];
  const given = args
    .slice(lines.length > 0 ? 1 : 0)
    .join(' ')
    .split(/(?:^|\s)--/);
  for (const line of [...lines, ...given]) {
    const [name = '', ...value] = line.trim().split(/\s+/);
    if (name === '' || name.startsWith('#') || IGNORED.has(name)) continue;
    setSetting(settings, name, value.join(' ').replace(/^"(.*)"$/, '$1'));
  }
  return settings;
}

/** How it is stored, spread over threads or logged: nothing here depends on it. */
const IGNORED = new Set([
  'bind',
  'protected-mode',
  'dir',
  'daemonize',
  'loglevel',
  'logfile',
  'tcp-backlog',
  'tcp-keepalive',
  'appendfsync',
  'dbfilename',
  'io-threads',
  'lazyfree-lazy-eviction',
  'maxmemory-samples',
  'stop-writes-on-bgsave-error',
  'rdbcompression',
]);

/** Throws an Error for a name or value that is none. */
export function setSetting(settings: Settings, name: string, value: string): void {
  if (!Object.hasOwn(DEFAULTS, name))
    throw new Error(`Bad directive or wrong number of arguments: '${name}'`);
  const key = name as keyof Settings;
  if (key === 'maxmemory-policy') {
    const policy = POLICIES.find((one) => one === value);
    if (!policy) throw new Error(`argument(s) must be one of the following: ${POLICIES.join(', ')}`);
    settings[key] = policy;
  } else if (key === 'maxmemory' || key === 'proto-max-bulk-len') settings[key] = String(bytesOf(value));
  else if (/^\d+$/.test(DEFAULTS[key]) && !/^\d{1,9}$/.test(value))
    throw new Error("argument couldn't be parsed into an integer");
  else settings[key] = value;
}

const UNITS: Record<string, number> = {
  '': 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1e6,
  mb: 2 ** 20,
  g: 1e9,
  gb: 2 ** 30,
};

function bytesOf(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,12})([a-z]*)$/i.exec(text) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  if (number === '' || factor === undefined) throw new Error('argument must be a memory value');
  return Number(number) * factor;
}
