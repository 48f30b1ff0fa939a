import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { numberFromEnv } from './env.ts';
import type { Log } from './log.ts';

/** Seconds: a look-up by an index takes less than one millisecond, a scan of a large table some hundred. */
const QUERY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Why a query has no result: `code` is the SQLSTATE, the socket's code, or POOL_TIMEOUT where no connection was free in time. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface Database {
  /** @param name of the query in metrics and log. @throws DatabaseError */
  query<Row extends pg.QueryResultRow>(name: string, sql: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/**
 * A pool of connections, by libpq's variables (PGHOST, PGDATABASE, PGUSER, PGPASSWORD; PGPASSWORD_FILE is read anew for each
 * connection, so that a password may change) and POOL_SIZE, POOL_WAIT_MS, DB_TIMEOUT_MS
 * and CONNECTION_SECONDS, after which a connection is made anew. A query has the same limit in the server as here.
 */
export function openDatabase(app: string, registry: Registry, log: Log): Database {
  const registers = [registry];
  const duration = new Histogram({
    name: 'db_query_duration_seconds',
    help: 'Time from asking for a connection to the end of the query.',
    labelNames: ['query'],
    buckets: QUERY_BUCKETS,
    registers,
  });
  const errors = new Counter({
    name: 'db_errors_total',
    help: 'Queries without a result, by SQLSTATE.',
    labelNames: ['code'],
    registers,
  });
  const timeout = numberFromEnv('DB_TIMEOUT_MS', 3000);
  const passwordFile = process.env.PGPASSWORD_FILE;
  const pool = new pg.Pool({
    application_name: app,
    ...(passwordFile && { password: async () => (await readFile(passwordFile, 'utf8')).trim() }),
    max: numberFromEnv('POOL_SIZE', 2),
    connectionTimeoutMillis: numberFromEnv('POOL_WAIT_MS', 2000),
    maxLifetimeSeconds: numberFromEnv('CONNECTION_SECONDS', 30),
    statement_timeout: timeout,
    // Somewhat longer, for a server that does not answer at all.
    query_timeout: timeout + 1000,
  });
  // An idle connection that the server ends is no error of a query: the next one makes another.
  pool.on('error', ({ message }) => log.error('connection lost', { error: message }));
  const connections = new Gauge({
    name: 'db_pool_connections',
    help: 'Connections of the pool, and queries that wait for one.',
    labelNames: ['state'],
    registers,
    collect() {
      connections.set({ state: 'idle' }, pool.idleCount);
      connections.set({ state: 'used' }, pool.totalCount - pool.idleCount);
      connections.set({ state: 'waiting' }, pool.waitingCount);
    },
  });
  return {
    async query(name, sql, values = []) {
      const finished = duration.startTimer({ query: name });
      try {
        return (await pool.query(sql, values)).rows;
      } catch (error) {
        const failed = asDatabaseError(error as Error & { code?: string });
        errors.inc({ code: failed.code });
        log.error('query failed', { query: name, code: failed.code, error: failed.message });
        throw failed;
      } finally {
        const seconds = finished();
        if (seconds > 1) log.error('query slow', { query: name, seconds: Number(seconds.toFixed(1)) });
      }
    },
    close: () => pool.end(),
  };
}

/** pg has no code for its own two limits. */
function asDatabaseError({ code, message }: Error & { code?: string }): DatabaseError {
  if (code) return new DatabaseError(code, message);
  return new DatabaseError(/connect/.test(message) ? 'POOL_TIMEOUT' : 'QUERY_TIMEOUT', message);
}
