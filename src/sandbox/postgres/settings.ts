import type { Admission } from '../network/protocol.ts';

/** What the program of a container of the image `postgres` reads before anything else: one line of JSON. */
export interface PostgresSettings extends Admission {
  /** Folder of the server's programs. */
  bin: string;
  major: number;
  /** The database cluster: beside the container's files, where no command in the pod gets at it. */
  data: string;
  /** For the server's unix socket: short, and of nobody else. */
  socketFolder: string;
  /** Made when the database cluster has been set up; a restarted container finds it. */
  marker: string;
  /** Whom the server runs as, where this program is root; else as whom this program runs. */
  user?: { uid: number; gid: number };
  /** Behind the second wall: a user namespace in which this program's user is not root. */
  userNamespace?: string;
  /** pg_stat_statements is there. */
  statements: boolean;
  /** The container's arguments behind `postgres`. */
  args: string[];
  /** The container's variables whose name begins with POSTGRES_. */
  variables: Record<string, string>;
  /** What is mounted at /docker-entrypoint-initdb.d, in its order. */
  scripts: { name: string; text: string }[];
}

/** Parameters that a container may set. What could name a file, a program, a library or an address is not among them. */
const ALLOWED = new Set([
  'autovacuum',
  'autovacuum_analyze_scale_factor',
  'autovacuum_naptime',
  'autovacuum_vacuum_scale_factor',
  'checkpoint_timeout',
  'deadlock_timeout',
  'default_statistics_target',
  'default_transaction_isolation',
  'effective_cache_size',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'lock_timeout',
  'log_autovacuum_min_duration',
  'log_checkpoints',
  'log_connections',
  'log_disconnections',
  'log_duration',
  'log_line_prefix',
  'log_lock_waits',
  'log_min_duration_statement',
  'log_min_messages',
  'log_statement',
  'log_temp_files',
  'maintenance_work_mem',
  'max_connections',
  'max_locks_per_transaction',
  'pg_stat_statements.max',
  'pg_stat_statements.track',
  'random_page_cost',
  'reserved_connections',
  'seq_page_cost',
  'shared_buffers',
  'statement_timeout',
  'superuser_reserved_connections',
  'temp_buffers',
  'timezone',
  'track_activity_query_size',
  'track_io_timing',
  'transaction_timeout',
  'work_mem',
]);

/** Parameters of the container's arguments, `-c name=value`, `--name=value` and the like; or what is wrong with them. */
export function parametersOf(args: readonly string[]): Map<string, string> | { problem: string } {
  const given = new Map<string, string>();
  for (let index = 0; index < args.length; index++) {
    const word = args[index]!;
    const short: Record<string, string> = { '-N': 'max_connections', '-B': 'shared_buffers' };
    const text =
      word === '-c'
        ? args[++index]
        : word in short
          ? `${short[word]}=${args[++index]}`
          : (/^(?:-c|--)(.+=.*)$/s.exec(word) ?? [])[1];
    const [, name, value] = /^([\w.-]+)=(.*)$/s.exec(text ?? '') ?? [];
    if (name === undefined || value === undefined) return { problem: `invalid argument: "${word}"` };
    const known = name.toLowerCase().replaceAll('-', '_');
    // The one library that the server has anyway, if it is installed.
    if (known === 'shared_preload_libraries' && value === 'pg_stat_statements') continue;
    if (!ALLOWED.has(known)) return { problem: `parameter "${known}" cannot be set in this sandbox` };
    given.set(known, value);
  }
  return given;
}

/**
 * The server's parameters: first what a container may say otherwise, then what holds the server. It has a small share of
 * a laptop, and nothing in it outlives the machine, so it never waits for a disk.
 */
export function serverParameters(
  { major, statements, socketFolder }: Pick<PostgresSettings, 'major' | 'statements' | 'socketFolder'>,
  at: { address: string; port: number },
  given: ReadonlyMap<string, string>,
): string[] {
  const defaults = { shared_buffers: '16MB', work_mem: '4MB', timezone: 'UTC', log_timezone: 'UTC' };
  const fixed: Record<string, string> = {
    listen_addresses: at.address,
    port: String(at.port),
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    ssl: 'off',
    // A query ends soon after the client that has died or was cut off, and with the pod.
    client_connection_check_interval: '500ms',
    // No workers: they would outlive the process that asked for them, and two cores are for everybody.
    max_parallel_workers_per_gather: '0',
    max_parallel_maintenance_workers: '0',
    max_wal_senders: '0',
    wal_level: 'minimal',
    archive_mode: 'off',
    max_wal_size: '64MB',
    min_wal_size: '2MB',
    temp_file_limit: '512MB',
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    jit: 'off',
    logging_collector: 'off',
    log_destination: 'stderr',
    dynamic_shared_memory_type: 'mmap',
    shared_preload_libraries: statements ? 'pg_stat_statements' : '',
    ...(major >= 18 && { io_method: 'sync' }),
  };
  const all = { ...defaults, ...Object.fromEntries(given), ...fixed };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
