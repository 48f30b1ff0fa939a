import { Counter, type Registry } from 'prom-client';
import type { Log } from '../shared/log.ts';
import { Redis } from '../shared/redis.ts';

interface CachedOptions {
  /** host:port; without one nothing is kept. */
  address: string | undefined;
  seconds: number;
  registry: Registry;
  log: Log;
}

/** Reads through Redis: what is not there is made and kept. Where Redis does not answer, everything is made. */
export class Cached {
  private readonly redis: Redis | undefined;
  private readonly reads: Counter<'outcome'>;

  constructor(private readonly options: CachedOptions) {
    const { address, registry } = options;
    this.redis = address ? new Redis({ address, name: 'catalog', silentMs: 1000 }) : undefined;
    this.reads = new Counter({
      name: 'catalog_cache_reads_total',
      help: 'Reads through the cache: hit, miss, or error where it does not answer.',
      labelNames: ['outcome'],
      registers: [registry],
    });
  }

  async get<Value>(key: string, make: () => Promise<Value>): Promise<Value> {
    const kept = await this.ask('GET', key);
    if (typeof kept === 'string') {
      this.reads.inc({ outcome: 'hit' });
      return JSON.parse(kept) as Value;
    }
    if (kept === null) this.reads.inc({ outcome: 'miss' });
    const value = await make();
    await this.ask('SET', key, JSON.stringify(value), 'EX', this.options.seconds);
    return value;
  }

  close(): void {
    this.redis?.close();
  }

  /** Undefined where there is no answer. */
  private async ask(...words: (string | number)[]): Promise<unknown> {
    try {
      return await this.redis?.ask(...words);
    } catch (error) {
      this.reads.inc({ outcome: 'error' });
      this.options.log.error('cache failed', { error: (error as Error).message });
      return undefined;
    }
  }
}
