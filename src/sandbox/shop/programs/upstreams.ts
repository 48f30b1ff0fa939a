import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** One server behind the load balancer. */
export interface Upstream {
  name: string;
  /** host:port */
  address: string;
}

/**
 * Reads an upstreams file: `upstreams:` with entries of `name` and `address` (host:port).
 * Throws an error that names the entry that is wrong.
 */
function parseUpstreams(text: string): Upstream[] {
  const document: unknown = parse(text);
  const list = isRecord(document) ? document.upstreams : undefined;
  if (!Array.isArray(list) || list.length === 0)
    throw new Error('Expected a list "upstreams" with at least one entry.');
  return list.map((entry: unknown, index) => {
    const { name, address } = isRecord(entry) ? entry : {};
    if (typeof address !== 'string' || !/^[^\s:/]+:\d{1,5}$/.test(address))
      throw new Error(
        `Expected upstreams[${index}].address to be host:port, got ${JSON.stringify(address)}.`,
      );
    return { name: typeof name === 'string' ? name : address, address };
  });
}

export interface WatchedUpstreams {
  current(): readonly Upstream[];
  stop(): void;
}

/**
 * Keeps the list of `path` current: looks at the file every `everyMs`, as a mounted ConfigMap is replaced by
 * links that file events do not follow everywhere. A broken file leaves the last good list in use.
 */
export function watchUpstreams(
  path: string,
  everyMs: number,
  onReload: (result: { upstreams: readonly Upstream[] } | { error: Error }) => void,
): WatchedUpstreams {
  let text: string | undefined;
  let upstreams: readonly Upstream[] = [];
  const look = () => {
    let found: string | undefined;
    try {
      found = readFileSync(path, 'utf8');
      if (found === text) return;
      upstreams = parseUpstreams(found);
      onReload({ upstreams });
    } catch (error) {
      // The same broken text is reported once; a missing file is read again and again.
      onReload({ error: error instanceof Error ? error : new Error(String(error)) });
    }
    text = found;
  };
  look();
  const timer = setInterval(look, everyMs);
  return { current: () => upstreams, stop: () => clearInterval(timer) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
