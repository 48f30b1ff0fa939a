import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findPostgres, whyNoShopDatabase } from '../../../src/postgres.ts';
import { skips } from '../monitor/installed.ts';
import { ORDERS, PRODUCTS, type ShopNode, startShopNode } from './shop-node.ts';

const lack = whyNoShopDatabase(findPostgres());
const isSkipped = lack !== undefined && skips("the shop's programs with a database", lack);

let shop: ShopNode;
let db: string;
beforeAll(async () => {
  if (isSkipped) return;
  shop = await startShopNode();
  db = await shop.pod('db');
}, 120_000);
afterAll(() => shop?.close());

/** A session that does something and then stays, until the returned function or the test's end ends it. */
async function session(statements: string): Promise<() => Promise<void>> {
  const sleeping = "FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
  const ended = shop.sql(`BEGIN; ${statements}; SELECT pg_sleep(50)`);
  await expect.poll(() => shop.sql(`SELECT count(*) ${sleeping}`)).toBe('1');
  const end = async () => {
    await shop.sql(`SELECT pg_terminate_backend(pid) ${sleeping}`);
    await ended;
  };
  onTestFinished(end);
  return end;
}

const lock = (table: string) => session(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);

const numberOf = (lines: string[]) => lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
const one = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe.skipIf(isSkipped)('the catalog', { timeout: 120_000 }, () => {
  let catalog: string;
  beforeAll(async () => {
    shop.node.pod('redis', { image: 'redis:7' });
    const { status } = await shop.node.until(
      'redis',
      (pod) => pod.status?.podIP && pod.status.phase === 'Running',
    );
    const cache = `${status.podIP}:6379`;
    catalog = await shop.pod('catalog', {
      ...{ PGHOST: db, CACHE_ADDR: cache },
      // Told apart by their length: a connection is waited for, an answer is given up, a connection is made anew.
      ...{ POOL_WAIT_MS: '2000', DB_TIMEOUT_MS: '5000', CONNECTION_SECONDS: '1' },
    });
  }, 120_000);

  const ask = async (path: string) => {
    const { status, body } = await shop.get(`${catalog}:8080`, path);
    return { status, body: JSON.parse(body) };
  };
  const order = async (query: string) => {
    const url = `http://${catalog}:8080/orders?${query}`;
    const command = ['curl', '-s', '-X', 'POST', '-w', ' %{http_code}', url];
    return await shop.exec(command);
  };
  const count = async (begin: string) => numberOf(await shop.series(catalog, begin));
  const errors = (code: string) => count(`db_errors_total{code="${code}"}`);

  it('reads the menu from the database once, and then from the cache', async () => {
    const first = await ask('/menu');
    expect(first.status).toBe(200);
    expect(first.body).toHaveLength(40);
    expect(first.body[0]).toEqual({
      ...{ id: expect.any(Number), name: expect.any(String) },
      ...{ category: expect.any(String), cents: expect.any(Number), sold: expect.any(Number) },
    });
    // What sells best comes first.
    const sold = first.body.map((one: { sold: number }) => one.sold);
    expect(sold).toEqual([...sold].sort((a, b) => b - a));
    expect(await ask('/menu')).toEqual(first);
    expect(await count('db_query_duration_seconds_count{query="menu"}')).toBe(1);
    expect(await count('catalog_cache_reads_total{outcome="miss"}')).toBe(1);
    expect(await count('catalog_cache_reads_total{outcome="hit"}')).toBe(1);
  });

  it('says how often a product was sold, and that there is no such product', async () => {
    const sold = Number(await shop.sql('SELECT count(*) FROM orders WHERE product = 7'));
    expect(sold).toBeGreaterThan(0);
    expect(await ask('/product?id=7')).toMatchObject({ status: 200, body: { id: 7, sold } });
    expect((await ask(`/product?id=${PRODUCTS + 1}`)).status).toBe(404);
  });

  it('refuses what is no number above 0, without asking the database', async () => {
    const before = await count('db_query_duration_seconds_count');
    for (const id of ['', 'x', '0', '-1', '1.5', '2147483648', '1;DROP TABLE orders'])
      expect((await ask(`/product?id=${encodeURIComponent(id)}`)).status, id).toBe(400);
    expect((await ask('/favourites')).status).toBe(400);
    expect(await count('db_query_duration_seconds_count')).toBe(before);
  });

  it('takes an order, which is among the favourites of its café at once', async () => {
    expect(await ask('/favourites?cafe=5000')).toEqual({ status: 200, body: [] });
    for (const _ of one(2)) expect(await order('cafe=5000&product=3')).toMatch(/^{"id":"\d+"} 201$/);
    expect(await order(`cafe=5000&product=${PRODUCTS + 1}`)).toMatch(/ 404$/);
    expect(await ask('/favourites?cafe=5000')).toEqual({ status: 200, body: [{ product: 3, times: 2 }] });
    expect(await count('catalog_orders_total')).toBe(2);
  });

  it('answers 504 where the database is late, 503 where no connection gets free, and goes on afterwards', async () => {
    const unlock = await lock('orders');
    // Two connections are all that it has: the third has to wait for one, and does so for less long.
    const answers = await Promise.all(one(3).map((cafe) => ask(`/favourites?cafe=${cafe}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([503, 504, 504]);
    for (const { body } of answers) expect(body).toEqual({ error: 'no answer from the database' });
    // What is kept is still there.
    expect((await ask('/menu')).status).toBe(200);
    expect([await errors('57014'), await errors('POOL_TIMEOUT')]).toEqual([2, 1]);
    await unlock();
    expect((await ask('/favourites?cafe=1')).status).toBe(200);
  });

  it('answers 503 where the database lets it in no more, and says the SQLSTATE', async () => {
    await shop.sql("ALTER ROLE catalog PASSWORD 'another'");
    // 28P01: invalid_password; a connection that stands is used until it is made anew.
    await expect.poll(async () => (await ask('/favourites?cafe=1')).status).toBe(503);
    expect(await errors('28P01')).toBeGreaterThan(0);
    await shop.sql("ALTER ROLE catalog PASSWORD 'menu-9d03be'");
    expect((await ask('/favourites?cafe=1')).status).toBe(200);
    await shop.sql('REVOKE SELECT ON orders FROM catalog');
    expect((await ask('/favourites?cafe=1')).status).toBe(503);
    expect(await errors('42501')).toBe(1);
    await shop.sql('GRANT SELECT ON orders TO catalog');
  });

  it('reads everything from the database where the cache does not answer', async () => {
    shop.node.api.delete('pods', 'default', 'redis', { gracePeriodSeconds: 0 });
    await shop.node.until('catalog', () => shop.node.get('redis') === undefined);
    await expect
      .poll(async () => [
        (await ask('/menu')).status,
        (await count('catalog_cache_reads_total{outcome="error"}')) > 0,
      ])
      .toEqual([200, true]);
    const queries = () => count('db_query_duration_seconds_count{query="menu"}');
    const before = await queries();
    expect((await ask('/menu')).body).toHaveLength(40);
    expect(await queries()).toBe(before + 1);
  });
});

describe.skipIf(isSkipped)('the exporter of the database', { timeout: 120_000 }, () => {
  const names = async () => {
    const lines = await shop.series(db, '');
    return new Set(lines.flatMap((line) => /^(pg_\w+|backup_\w+)[{ ]/.exec(line)?.[1] ?? []));
  };

  it('shows what the server says of itself, under the names of postgres_exporter', async () => {
    // One that is there for as long as it is looked at: the catalog's come and go.
    const end = await session('SELECT 1');
    const active = 'pg_stat_activity_count{datname="shop",state="active",usename="shop"';
    await expect.poll(() => shop.series(db, active)).toHaveLength(1);
    expect([...(await names())]).toEqual(
      expect.arrayContaining([
        ...['pg_up', 'pg_settings_max_connections', 'pg_settings_superuser_reserved_connections'],
        ...['pg_stat_activity_count', 'pg_stat_activity_max_tx_duration', 'pg_locks_count'],
        ...['pg_stat_database_numbackends', 'pg_stat_database_xact_commit', 'pg_stat_database_xact_rollback'],
        ...['pg_stat_database_blks_read', 'pg_stat_database_blks_hit', 'pg_stat_database_tup_returned'],
        ...['pg_stat_database_tup_fetched', 'pg_stat_database_deadlocks', 'pg_database_size_bytes'],
        ...[
          'pg_stat_user_tables_seq_scan',
          'pg_stat_user_tables_seq_tup_read',
          'pg_stat_user_tables_idx_scan',
        ],
        ...['pg_stat_user_tables_n_live_tup', 'pg_stat_user_tables_n_dead_tup'],
      ]),
    );
    expect(await shop.series(db, 'pg_up ')).toEqual(['pg_up 1']);
    expect(await shop.series(db, 'pg_settings_max')).toEqual(['pg_settings_max_connections 20']);
    await end();
  });

  it('counts what is done, and who waits for a lock', async () => {
    const scanned = async () =>
      numberOf(
        await shop.series(
          db,
          'pg_stat_user_tables_seq_tup_read{datname="shop",schemaname="public",relname="orders"}',
        ),
      );
    const before = await scanned();
    // Without an index on it, all rows are read.
    await shop.sql('SELECT count(*) FROM orders WHERE cents = 1');
    await expect.poll(async () => (await scanned()) - before).toBeGreaterThanOrEqual(ORDERS);
    const unlock = await lock('products');
    const waiting = shop.sql('SELECT count(*) FROM products');
    const waits =
      'pg_stat_activity_count{datname="shop",state="active",usename="shop",application_name="psql",wait_event_type="Lock"}';
    await expect.poll(async () => shop.series(db, waits)).toEqual([`${waits} 1`]);
    await unlock();
    expect(await waiting).toBe(String(PRODUCTS));
    expect(await shop.series(db, waits)).toEqual([]);
  });

  it('shows which statements take the time, where the extension is there, and none of its own', async () => {
    const has =
      (await shop.sql("SELECT count(*) FROM pg_extension WHERE extname = 'pg_stat_statements'")) === '1';
    for (const _ of one(3)) await shop.sql('SELECT count(*) FROM orders, products');
    const calls = await shop.series(db, 'pg_stat_statements_calls_total{user="shop"');
    expect(calls.some((line) => /SELECT count\(\*\) FROM orders, products"} 3$/.test(line))).toBe(has);
    expect(await shop.series(db, 'pg_stat_statements_calls_total{user="exporter"')).toEqual([]);
  });

  it('says pg_up 0 and nothing else when the server does not let it in, and all of it again afterwards', async () => {
    const before = await names();
    onTestFinished(async () => void (await shop.sql('ALTER ROLE exporter LOGIN')));
    await shop.sql(
      "ALTER ROLE exporter NOLOGIN; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'exporter'",
    );
    await expect.poll(async () => [...(await names())]).toEqual(['pg_up']);
    expect(await shop.series(db, 'pg_up ')).toEqual(['pg_up 0']);
    await shop.sql('ALTER ROLE exporter LOGIN');
    await expect.poll(names).toEqual(before);
    expect(await shop.series(db, 'pg_up ')).toEqual(['pg_up 1']);
  });
});

describe.skipIf(isSkipped)('the backup', { timeout: 120_000 }, () => {
  const both = { PGHOST: '' };
  beforeAll(() => {
    both.PGHOST = db;
  });
  const rowsNow = async () =>
    Number(await shop.sql('SELECT (SELECT count(*) FROM products) + (SELECT count(*) FROM orders)'));
  const idsNow = async (table: string) =>
    (await shop.sql(`SELECT id FROM ${table} ORDER BY id`)).split('\n').map(Number);
  const inOrder = (ids: number[] = []) => [...ids].sort((a, b) => a - b);

  it.each([1, 3])('writes every row once with %i sessions, and the check restores them', async (sessions) => {
    const { backup, check, ended, ids } = await shop.backup(`whole-${sessions}`, {
      both,
      backup: { SESSIONS: String(sessions), BATCH_ROWS: '700', PAUSE_MS: '1' },
    });
    const rows = await rowsNow();
    expect(ended).toEqual({ backup: 0, check: 0 });
    expect(Object.keys(ids).sort()).toEqual(['orders', 'products']);
    for (const table of ['products', 'orders']) expect(inOrder(ids[table])).toEqual(await idsNow(table));
    expect(backup.at(-1)).toMatchObject({ msg: 'done', rows, bytes: expect.any(Number) });
    expect(check.at(-1)).toMatchObject({ msg: 'done', rows });
    for (const kind of ['backup', 'check'])
      expect(await shop.series(db, `backup_last_rows{kind="${kind}"}`)).toEqual([
        `backup_last_rows{kind="${kind}"} ${rows}`,
      ]);
    expect(await shop.series(db, 'backup_last_ok')).toEqual([
      'backup_last_ok{kind="backup"} 1',
      'backup_last_ok{kind="check"} 1',
    ]);
  });

  it('succeeds without the orders, and the check fails and says how many rows are there', async () => {
    const live = (await idsNow('orders')).length;
    const { check, ended } = await shop.backup('short', { both, backup: { TABLES: 'products' } });
    expect(ended).toEqual({ backup: 0, check: 1 });
    expect(check.at(-1)).toMatchObject({
      msg: 'failed',
      error: `the last backup restores too little: orders: 0 of ${live} rows`,
    });
    expect(await shop.series(db, 'backup_last_ok')).toEqual([
      'backup_last_ok{kind="backup"} 1',
      'backup_last_ok{kind="check"} 0',
    ]);
  });

  it('has nothing to check before the first backup, and fails when the file of one that succeeded is gone', async () => {
    await shop.sql('DELETE FROM backup_runs');
    const before = await shop.backup('before', { both, backup: false });
    expect(before.ended).toEqual({ backup: undefined, check: 0 });
    expect(before.check.at(-1)).toMatchObject({ msg: 'no backup yet' });
    expect(await shop.series(db, 'backup_last_ok')).toEqual([]);
    const gone = await shop.backup('gone', { both, check: { BACKUPS: '/backups/elsewhere' } });
    expect(gone.ended).toEqual({ backup: 0, check: 1 });
    expect(gone.check.at(-1)).toMatchObject({ msg: 'failed', error: 'no backup in /backups/elsewhere' });
    expect(await shop.series(db, 'backup_last_ok{kind="check"}')).toEqual(['backup_last_ok{kind="check"} 0']);
  });

  it('fails and reports it where it may not read, and leaves no file that looks whole', async () => {
    await shop.sql('REVOKE SELECT ON orders FROM backup');
    const { backup, ended, ids } = await shop.backup('forbidden', { both });
    await shop.sql('GRANT SELECT ON orders TO backup');
    expect(ended.backup).toBe(1);
    expect(backup.at(-1)).toMatchObject({ msg: 'failed', error: 'permission denied for table orders' });
    expect(ids).toEqual({});
    expect(await shop.series(db, 'backup_last_ok{kind="backup"}')).toEqual([
      'backup_last_ok{kind="backup"} 0',
    ]);
  });
});
