import type { Shared } from './command.ts';
import { VERSION } from './resp.ts';

/** What INFO prints, of the sections that are asked for. */
export function infoText(server: Shared, sections: readonly string[]): string {
  const wanted = new Set(sections.map((name) => name.toLowerCase()));
  const all = wanted.size === 0 || ['all', 'default', 'everything'].some((name) => wanted.has(name));
  return SECTIONS.filter(([title]) => all || wanted.has(title.toLowerCase()))
    .map(
      ([title, lines]) =>
        `# ${title}\r\n${lines(server)
          .map(([name, value]) => `${name}:${value}\r\n`)
          .join('')}`,
    )
    .join('\r\n');
}

type Lines = [name: string, value: string | number][];

const SECTIONS: [title: string, lines: (server: Shared) => Lines][] = [
  [
    'Server',
    ({ now, startedAt, settings }) => [
      ['redis_version', VERSION],
      ['redis_mode', 'standalone'],
      ['process_id', 1],
      ['tcp_port', settings.port],
      ['uptime_in_seconds', Math.floor((now() - startedAt) / 1000)],
      ['uptime_in_days', Math.floor((now() - startedAt) / 86_400_000)],
    ],
  ],
  [
    'Clients',
    ({ connections, settings }) => [
      ['connected_clients', connections.size],
      ['maxclients', settings.maxclients],
      ['blocked_clients', [...connections].filter(({ waiting }) => waiting).length],
    ],
  ],
  [
    'Memory',
    ({ keyspace, settings }) => [
      ['used_memory', keyspace.usedBytes],
      ['used_memory_human', `${(keyspace.usedBytes / 2 ** 20).toFixed(2)}M`],
      ['used_memory_rss', process.memoryUsage.rss()],
      ['maxmemory', settings.maxmemory],
      ['maxmemory_policy', settings['maxmemory-policy']],
    ],
  ],
  [
    'Stats',
    ({ keyspace: { counts }, totals }) => [
      ['total_connections_received', totals.connections],
      ['total_commands_processed', totals.commands],
      ['rejected_connections', totals.rejected],
      ['expired_keys', counts.expired],
      ['evicted_keys', counts.evicted],
      ['keyspace_hits', counts.hits],
      ['keyspace_misses', counts.misses],
    ],
  ],
  [
    'Replication',
    () => [
      ['role', 'master'],
      ['connected_slaves', 0],
    ],
  ],
  [
    'Keyspace',
    ({ keyspace }) =>
      keyspace.databases
        .filter(({ size }) => size > 0)
        .map(({ index, size, expiring }) => [`db${index}`, `keys=${size},expires=${expiring},avg_ttl=0`]),
  ],
];
