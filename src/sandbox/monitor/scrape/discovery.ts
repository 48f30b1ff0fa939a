import type { Api, Network, SandboxClock } from '../../api.ts';
import type { Storage } from '../tsdb/storage.ts';
import { Scraper, type ScrapeStatus } from './scraper.ts';
import { targetOf } from './target.ts';

/** Keeps a scraper for every pod that asks for one. Returns what is scraped now, and stop. */
export function discoverTargets(parts: {
  api: Api;
  network: Network;
  clock: SandboxClock;
  storage: Storage;
  intervalMs: number;
}): { targets(): ScrapeStatus[]; stop(): void } {
  const scrapers = new Map<string, { identity: string; scraper: Scraper }>();
  let count = 0;
  const end = (uid: string): void => {
    scrapers.get(uid)?.scraper.stop();
    scrapers.delete(uid);
  };
  const stopWatching = parts.api.watch('pods', ({ type, object }) => {
    const uid = object.metadata.uid;
    const target = type === 'DELETED' ? undefined : targetOf(object);
    if (!target) return end(uid);
    const identity = `${target.scheme}://${target.host}:${target.port}${target.path} ${target.labels.key}`;
    if (scrapers.get(uid)?.identity === identity) return;
    end(uid);
    // Spread over the interval, so that all targets together make an even load.
    const delayMs = (parts.intervalMs * ((count++ * 7) % 10)) / 10;
    scrapers.set(uid, { identity, scraper: new Scraper(target, { ...parts, delayMs }) });
  });
  return {
    targets: () => [...scrapers.values()].map(({ scraper }) => scraper.status),
    stop: () => {
      stopWatching();
      for (const uid of [...scrapers.keys()]) end(uid);
    },
  };
}
