import type { Tool } from '../tool.ts';

/** Loaded when they are run: most commands in a pod need no client of a database. */
export const postgresTools: Record<string, Tool> = {
  psql: async (call) => (await import('./psql.ts')).psql(call),
  pg_isready: async (call) => (await import('./psql.ts')).isReady(call),
};
