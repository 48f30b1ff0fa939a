import pg from 'pg';

interface ReadSettings {
  tables: readonly string[];
  /** How many read at a time, each a share of every table. */
  sessions: number;
  /** Rows that are fetched at a time. */
  batch: number;
  /** Between two batches, so that others get their turn. */
  pauseMs: number;
}

/** As long as a server that is started anew may take. */
const PATIENCE_MS = 60_000;

/** A session; a server that is not there yet is waited for. */
async function openSession(name: string): Promise<pg.Client> {
  for (const began = performance.now(); ; ) {
    const client = new pg.Client({ application_name: name, connectionTimeoutMillis: 5000 });
    try {
      await client.connect();
      return client;
    } catch (error) {
      // 57P03: cannot_connect_now; https://www.postgresql.org/docs/current/errcodes-appendix.html
      const isStarting = ['ECONNREFUSED', '57P03'].includes((error as { code?: string }).code ?? '');
      if (!isStarting || performance.now() - began > PATIENCE_MS) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

/** Uses a session of this name, and ends it. */
export async function connected<Value>(
  name: string,
  use: (client: pg.Client) => Promise<Value>,
): Promise<Value> {
  const client = await openSession(name);
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Reads every row of the tables as PostgreSQL writes a row as text. */
export async function read(
  settings: ReadSettings,
  write: (table: string, rows: string[]) => Promise<void>,
): Promise<void> {
  const shares = Array.from({ length: settings.sessions }, (_, share) => share);
  // Each ends its own session, also where another has failed.
  const ended = await Promise.allSettled(shares.map((share) => readShare(settings, share, write)));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

async function readShare(
  { tables, sessions, batch, pauseMs }: ReadSettings,
  share: number,
  write: (table: string, rows: string[]) => Promise<void>,
): Promise<void> {
  await connected('backup', async (client) => {
    // All tables as this session saw them at one moment; of several sessions each has its own.
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    for (const table of tables) {
      const name = pg.escapeIdentifier(table);
      await client.query(
        `DECLARE share CURSOR FOR SELECT t::text AS row FROM ${name} t WHERE id % ${sessions} = ${share}`,
      );
      for (;;) {
        const { rows } = await client.query<{ row: string }>(`FETCH ${batch} FROM share`);
        if (rows.length === 0) break;
        await write(
          table,
          rows.map(({ row }) => row),
        );
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
      await client.query('CLOSE share');
    }
    await client.query('COMMIT');
  });
}

/** Restores rows into tables like the given ones, which nobody else sees and which are gone afterwards. */
export async function restore(
  tables: readonly string[],
  rows: AsyncGenerator<{ table: string; rows: string[] }>,
): Promise<{ table: string; restored: number; live: number }[]> {
  return await connected('check', async (client) => {
    const scratch = (table: string): string => pg.escapeIdentifier(`restored_${table}`);
    for (const table of tables)
      await client.query(
        `CREATE TEMPORARY TABLE ${scratch(table)} (LIKE ${pg.escapeIdentifier(table)} INCLUDING CONSTRAINTS)`,
      );
    for await (const { table, rows: texts } of rows) {
      if (!tables.includes(table)) continue;
      const type = pg.escapeIdentifier(table);
      await client.query(
        `INSERT INTO ${scratch(table)} SELECT (row::${type}).* FROM unnest($1::text[]) AS row`,
        [texts],
      );
    }
    const counts: { table: string; restored: number; live: number }[] = [];
    for (const table of tables) {
      const { rows: found } = await client.query<{ restored: number; live: number }>(
        `SELECT (SELECT count(*) FROM ${scratch(table)})::int AS restored, (SELECT count(*) FROM ${pg.escapeIdentifier(table)})::int AS live`,
      );
      counts.push({ table, ...found[0]! });
    }
    return counts;
  });
}
