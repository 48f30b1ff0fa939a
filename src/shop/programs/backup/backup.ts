import { numberFromEnv } from '../shared/env.ts';
import { createLog } from '../shared/log.ts';
import { BackupFolder } from './files.ts';
import { connected, read, restore } from './tables.ts';

// `backup`: writes all rows of some tables into a file. `check`: restores the last file, and counts what comes back.
const [, , what = 'backup'] = process.argv;
const log = createLog(what === 'check' ? 'backup-check' : 'backup');
const folder = new BackupFolder(process.env.BACKUPS ?? '/backups', numberFromEnv('KEEP', 3));
const tables = (process.env.TABLES ?? '').split(',').filter(Boolean);

interface Outcome {
  rows: number;
  bytes: number;
}

async function backup(): Promise<Outcome> {
  const settings = {
    tables,
    sessions: numberFromEnv('SESSIONS', 1),
    batch: numberFromEnv('BATCH_ROWS', 20_000),
    pauseMs: numberFromEnv('PAUSE_MS', 50),
  };
  const file = folder.create();
  let rows = 0;
  try {
    await read(settings, async (table, texts) => {
      rows += texts.length;
      await file.write(table, texts);
    });
  } catch (error) {
    await file.discard();
    throw error;
  }
  return { rows, bytes: await file.keep() };
}

/** At least nine tenths of what is there now have to be in the last file, for every table that must be. */
async function check(): Promise<Outcome> {
  const file = folder.last();
  if (!file) throw new Error(`no backup in ${folder.path}`);
  const counts = await restore(tables, file.rows());
  const short = counts.filter(({ restored, live }) => restored < live * 0.9);
  for (const { table, restored, live } of counts) log.info('table restored', { table, restored, live });
  if (short.length > 0) {
    const said = short.map(({ table, restored, live }) => `${table}: ${restored} of ${live} rows`);
    throw new Error(`the last backup restores too little: ${said.join('; ')}`);
  }
  return { rows: counts.reduce((sum, { restored }) => sum + restored, 0), bytes: file.bytes };
}

/** Whether a backup has ever succeeded: then there has to be a file. */
async function hasBackedUp(): Promise<boolean> {
  return await connected(what, async (client) => {
    const { rows } = await client.query("SELECT 1 FROM backup_runs WHERE kind = 'backup' AND ok LIMIT 1");
    return rows.length > 0;
  });
}

/** The exporter reads it: a Job is gone before anybody could scrape it. */
async function report(ok: boolean, { rows, bytes }: Outcome, seconds: number): Promise<void> {
  await connected(what, (client) =>
    client.query('INSERT INTO backup_runs (kind, ok, rows, bytes, seconds) VALUES ($1, $2, $3, $4, $5)', [
      what,
      ok,
      rows,
      bytes,
      seconds,
    ]),
  );
}

async function run(): Promise<void> {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 100) / 10;
  log.info('started', { tables: tables.join(',') });
  try {
    // That there is none for too long is what BackupTooOld tells.
    if (what === 'check' && !folder.last() && !(await hasBackedUp()))
      return log.info('no backup yet', { folder: folder.path });
    const outcome = await (what === 'check' ? check() : backup());
    await report(true, outcome, seconds());
    log.info('done', { ...outcome, seconds: seconds() });
  } catch (error) {
    log.error('failed', { error: (error as Error).message });
    await report(false, { rows: 0, bytes: 0 }, seconds()).catch(({ message }) =>
      log.error('not reported', { error: message }),
    );
    process.exitCode = 1;
  }
}

void run();
