import { Gauge, type Registry } from 'prom-client';
import type { HttpClient } from '../shared/client.ts';
import type { Log } from '../shared/log.ts';

const EVERY_MS = 2000;

interface Options {
  /** Of the registry; without one, nothing is left out. */
  url: string | undefined;
  client: HttpClient;
  registry: Registry;
  log: Log;
}

/**
 * Asks the registry again and again which addresses to leave out. While it gives no answer, what it said last is held to be true:
 * that a registry is down says nothing about those it watches.
 */
export function askRegistry({ url, client, registry, log }: Options): {
  out(): ReadonlySet<string>;
  stop(): void;
} {
  let out: ReadonlySet<string> = new Set();
  let answered = true;
  let answeredAt = Date.now();
  const registers = [registry];
  new Gauge({
    name: 'edge_registry_answer_age_seconds',
    help: 'Since when the registry has given no answer; 0 without one.',
    registers,
    collect() {
      this.set(url ? (Date.now() - answeredAt) / 1000 : 0);
    },
  });
  new Gauge({
    name: 'edge_upstreams_out',
    help: 'Addresses that are left out because the registry says so.',
    registers,
    collect() {
      this.set(out.size);
    },
  });

  if (!url) return { out: () => out, stop: () => undefined };

  const ask = async () => {
    try {
      const { status, body } = await client.call('registry.shop', `${url}/out`, { timeoutMs: 1000 });
      if (status !== 200) throw new Error(`It answered with ${status}.`);
      const said = new Set((JSON.parse(body) as { out: string[] }).out);
      if ([...said].join() !== [...out].join()) log.info('left out', { addresses: [...said].join(',') });
      out = said;
      answered = true;
      answeredAt = Date.now();
    } catch (error) {
      // Once, not every two seconds.
      if (answered) log.error('registry gives no answer', { error: (error as Error).message });
      answered = false;
    }
  };
  void ask();
  const timer = setInterval(ask, EVERY_MS);
  return { out: () => out, stop: () => clearInterval(timer) };
}
