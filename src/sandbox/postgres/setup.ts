import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { OWNER } from './owner.ts';
import type { PostgresSettings } from './settings.ts';

/** Whom the image's variables name, with its defaults. */
export function identityOf(variables: Readonly<Record<string, string>>): {
  user: string;
  password: string;
  database: string;
  trusting: boolean;
} {
  const user = variables.POSTGRES_USER || 'postgres';
  return {
    user,
    password: variables.POSTGRES_PASSWORD ?? '',
    database: variables.POSTGRES_DB || user,
    trusting: variables.POSTGRES_HOST_AUTH_METHOD === 'trust',
  };
}

/**
 * Who may come in, as the image has it: from inside the pod everybody, over the network with a password. The superuser
 * only until the database cluster is set up.
 */
export function writeAccess(
  { data, variables }: Pick<PostgresSettings, 'data' | 'variables'>,
  open: boolean,
): void {
  const method = identityOf(variables).trusting ? 'trust' : 'scram-sha-256';
  const lines = [
    `local all ${OWNER} ${open ? 'trust' : 'reject'}`,
    `host all ${OWNER} all reject`,
    'local all all trust',
    `host all all all ${method}`,
  ];
  writeFileSync(join(data, 'pg_hba.conf'), `${lines.join('\n')}\n`);
}

/** A client at the server's unix socket. */
export function localClient(
  { socketFolder }: Pick<PostgresSettings, 'socketFolder'>,
  port: number,
  user: string,
  database: string,
): pg.Client {
  const client = new pg.Client({ host: socketFolder, port, user, database, application_name: 'entrypoint' });
  // Its end is noticed by the query under way.
  client.on('error', () => undefined);
  return client;
}

/** Makes role and database, and runs the scripts as that role, which is no superuser: none of it can start a program. */
export async function setUp(settings: PostgresSettings, port: number): Promise<void> {
  const { user, password, database } = identityOf(settings.variables);
  const owner = localClient(settings, port, OWNER, 'postgres');
  await owner.connect();
  try {
    for (const sql of roleStatements(settings.major, { user, password, database })) await owner.query(sql);
  } finally {
    await owner.end();
  }
  for (const { name, text } of settings.scripts) {
    process.stdout.write(
      `\n/usr/local/bin/docker-entrypoint.sh: running /docker-entrypoint-initdb.d/${name}\n`,
    );
    const client = localClient(settings, port, user, database);
    await client.connect();
    try {
      await client.query(text);
    } finally {
      await client.end();
    }
  }
}

function roleStatements(
  major: number,
  { user, password, database }: { user: string; password: string; database: string },
): string[] {
  const role = pg.escapeIdentifier(user);
  // Before 16 whoever may create roles may also give them the right to start programs.
  const rights = major >= 16 ? 'CREATEDB CREATEROLE' : 'CREATEDB';
  const secret = password ? ` PASSWORD ${pg.escapeLiteral(password)}` : '';
  return [
    `CREATE ROLE ${role} LOGIN ${rights}${secret}`,
    // Whom it makes to watch the server may then see as much; neither leads out of it.
    `GRANT pg_monitor, pg_signal_backend TO ${role} WITH ADMIN OPTION`,
    `ALTER DATABASE postgres OWNER TO ${role}`,
    ...(database === 'postgres' ? [] : [`CREATE DATABASE ${pg.escapeIdentifier(database)} OWNER ${role}`]),
  ];
}
