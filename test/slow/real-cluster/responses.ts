import type { Stand } from './stand.ts';

/** What a responder types at the end; the claim is repeated until the oracle has held for long enough. */
export const claim = 'until misfortune resolve; do sleep 5; done';

/** The command that mends a scenario: with what there was before, so it is asked for before the game. */
export async function mendOf(scenario: string, { kubectl }: Stand): Promise<string> {
  if (scenario === 'haymaker') return 'kubectl -n batch delete job report-export';
  const upstreams = await kubectl(['-n', 'shop', 'get', 'configmap', 'edge-upstreams', '-o', 'json']);
  const { data } = JSON.parse(upstreams) as { data: Record<string, string> };
  return `kubectl -n shop patch configmap edge-upstreams --type=merge -p '${JSON.stringify({ data })}'`;
}
