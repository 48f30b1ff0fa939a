import pg from 'pg';
import { Gauge } from 'prom-client';
import { createLog } from './shared/log.ts';
import { createMetrics, oneLook } from './shared/metrics.ts';
import { serveMetrics } from './shared/server.ts';

// What PostgreSQL says of itself, under the names that postgres_exporter gives it, and what the backups wrote of theirs.
const APP = 'db-exporter';

const log = createLog(APP);
const metrics = createMetrics();
const look = oneLook(readAll);
// By libpq's variables. One connection: a monitor must not use up what it watches.
const pool = new pg.Pool({
  application_name: APP,
  max: 1,
  connectionTimeoutMillis: 2000,
  statement_timeout: 2000,
  query_timeout: 3000,
});
pool.on('error', ({ message }) => log.error('connection lost', { error: message }));

/** One query, each row of it one series of every gauge: columns named as a gauge are its value, the others its labels. */
interface Source {
  sql: string;
  labels: string[];
  /** By column: the name and help of the gauge. */
  values: Record<string, [name: string, help: string]>;
}

const SOURCES: Source[] = [
  {
    sql: `SELECT datname, coalesce(state, '') AS state, coalesce(usename::text, '') AS usename, application_name,
  coalesce(wait_event_type, '') AS wait_event_type, count(*)::int AS sessions,
  coalesce(max(extract(epoch FROM now() - xact_start)), 0)::float AS oldest
FROM pg_stat_activity WHERE datname IS NOT NULL AND pid <> pg_backend_pid() GROUP BY 1, 2, 3, 4, 5`,
    labels: ['datname', 'state', 'usename', 'application_name', 'wait_event_type'],
    values: {
      sessions: ['pg_stat_activity_count', 'Sessions, by what they do and what they wait for.'],
      oldest: ['pg_stat_activity_max_tx_duration', 'Seconds since the oldest open transaction began.'],
    },
  },
  {
    sql: `SELECT d.datname, l.mode, count(*)::int AS locks FROM pg_locks l JOIN pg_database d ON d.oid = l.database
GROUP BY 1, 2`,
    labels: ['datname', 'mode'],
    values: { locks: ['pg_locks_count', 'Locks that are held or awaited.'] },
  },
  {
    sql: `SELECT current_setting('max_connections')::int AS connections, current_setting('superuser_reserved_connections')::int AS reserved`,
    labels: [],
    values: {
      connections: ['pg_settings_max_connections', 'Sessions that there may be.'],
      reserved: ['pg_settings_superuser_reserved_connections', 'Of them, those kept for superusers.'],
    },
  },
  {
    sql: `SELECT datname, numbackends, xact_commit::float AS xact_commit, xact_rollback::float AS xact_rollback,
  blks_read::float AS blks_read, blks_hit::float AS blks_hit, tup_returned::float AS tup_returned,
  tup_fetched::float AS tup_fetched, deadlocks::float AS deadlocks, pg_database_size(datname)::float AS size
FROM pg_stat_database WHERE datname = current_database()`,
    labels: ['datname'],
    values: {
      numbackends: ['pg_stat_database_numbackends', 'Sessions.'],
      xact_commit: ['pg_stat_database_xact_commit', 'Transactions that were committed.'],
      xact_rollback: ['pg_stat_database_xact_rollback', 'Transactions that were rolled back.'],
      blks_read: ['pg_stat_database_blks_read', 'Blocks read from disk.'],
      blks_hit: ['pg_stat_database_blks_hit', 'Blocks found in memory.'],
      tup_returned: ['pg_stat_database_tup_returned', 'Rows that scans read.'],
      tup_fetched: ['pg_stat_database_tup_fetched', 'Rows that indexes led to.'],
      deadlocks: ['pg_stat_database_deadlocks', 'Deadlocks.'],
      size: ['pg_database_size_bytes', 'Size on disk.'],
    },
  },
  {
    sql: `SELECT current_database() AS datname, schemaname, relname, seq_scan::float AS seq_scan, seq_tup_read::float AS seq_tup_read,
  coalesce(idx_scan, 0)::float AS idx_scan, n_live_tup::float AS n_live_tup, n_dead_tup::float AS n_dead_tup
FROM pg_stat_user_tables`,
    labels: ['datname', 'schemaname', 'relname'],
    values: {
      seq_scan: ['pg_stat_user_tables_seq_scan', 'Scans of the whole table.'],
      seq_tup_read: ['pg_stat_user_tables_seq_tup_read', 'Rows that these read.'],
      idx_scan: ['pg_stat_user_tables_idx_scan', 'Scans by an index.'],
      n_live_tup: ['pg_stat_user_tables_n_live_tup', 'Rows, as estimated.'],
      n_dead_tup: ['pg_stat_user_tables_n_dead_tup', 'Rows that are to be cleaned away.'],
    },
  },
  {
    sql: `SELECT kind, extract(epoch FROM ended_at)::float AS ended, ok::int AS ok, rows::float AS rows, bytes::float AS bytes,
  seconds::float AS seconds FROM (SELECT DISTINCT ON (kind) * FROM backup_runs ORDER BY kind, ended_at DESC) last`,
    labels: ['kind'],
    values: {
      ended: ['backup_last_end_timestamp_seconds', 'When the last run ended.'],
      ok: ['backup_last_ok', '1 if it says that it succeeded.'],
      rows: ['backup_last_rows', 'Rows that it wrote or restored.'],
      bytes: ['backup_last_bytes', 'Size of the file that it wrote or read.'],
      seconds: ['backup_last_duration_seconds', 'How long it took.'],
    },
  },
];

/** Where the extension is there: what takes the server's time, the most expensive first. */
const STATEMENTS: Source = {
  sql: `SELECT r.rolname AS "user", s.queryid::text AS queryid, left(regexp_replace(s.query, '\\s+', ' ', 'g'), 90) AS query,
  sum(s.calls)::float AS calls, (sum(s.total_exec_time) / 1000)::float AS seconds, sum(s.rows)::float AS returned
FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid WHERE r.rolname <> current_user
GROUP BY 1, 2, 3 ORDER BY seconds DESC LIMIT 15`,
  labels: ['user', 'queryid', 'query'],
  values: {
    calls: ['pg_stat_statements_calls_total', 'How often it was run.'],
    seconds: ['pg_stat_statements_seconds_total', 'Time that it took in all.'],
    returned: ['pg_stat_statements_rows_total', 'Rows that it returned.'],
  },
};

function gaugesOf({ values, labels }: Source): [column: string, gauge: Gauge][] {
  return Object.entries(values).map(([column, [name, help]]) => [
    column,
    new Gauge({ name, help, labelNames: labels, registers: [metrics.registry], collect: () => look() }),
  ]);
}

const gauges = new Map([...SOURCES, STATEMENTS].map((source) => [source, gaugesOf(source)]));
const up = new Gauge({
  name: 'pg_up',
  help: '1 if the server answered this scrape.',
  registers: [metrics.registry],
  collect: () => look(),
});

async function readAll(): Promise<void> {
  try {
    for (const source of SOURCES) await read(source);
    up.set(1);
  } catch (error) {
    log.error('the server does not answer', { error: (error as Error).message });
    // What it was is not what it is: without an answer there are no values.
    for (const [source, each] of gauges) for (const [, gauge] of each) clear(source, gauge);
    up.set(0);
    return;
  }
  await read(STATEMENTS).catch(({ message }) => log.error('no statistics of statements', { error: message }));
}

/** A gauge without labels is 0 when it is reset, which is a value. */
function clear({ labels }: Source, gauge: Gauge): void {
  if (labels.length > 0) gauge.reset();
  else gauge.remove();
}

async function read(source: Source): Promise<void> {
  const { rows } = await pool.query<Record<string, string | number>>(source.sql);
  for (const [column, gauge] of gauges.get(source) ?? []) {
    gauge.reset();
    if (source.labels.length > 0 || rows.length > 0)
      for (const row of rows)
        gauge.set(
          Object.fromEntries(source.labels.map((label) => [label, row[label]!])),
          Number(row[column]),
        );
  }
}

void serveMetrics(APP, {
  metrics,
  log,
  onStop: () => pool.end(),
});
