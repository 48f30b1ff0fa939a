import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument, stringify, type YAMLSeq } from 'yaml';
import { rulesFolder, scrapeFile } from './folder.ts';
import type { Manifest } from './manifest.ts';
import { stackObjects, stackWorkloads } from './stack.ts';

/** How the objects differ from the sandbox's, apart from the work, which is real. */
export interface PrintOptions {
  /** Image of every container that runs a program of the shop. */
  image?: string;
  /** Names of Secrets in the namespaces shop and batch. */
  pullSecrets?: string[];
  /** `deployment=cpu=250m,memory=192Mi` */
  limits?: string[];
  /** Parts that are left out. */
  without?: string[];
}

/**
 * All objects of the shop as YAML for `kubectl apply -f -`. `programs` gives a bundled program's text by its name.
 * @throws Error for limits that are not written as expected, and for a part that is not known
 */
export function printedStack(programs: (name: string) => string, options: PrintOptions = {}): string {
  const objects = stackObjects({
    programs,
    mode: 'burn',
    ...(options.image && { image: options.image }),
    imagePullSecrets: options.pullSecrets ?? [],
    limits: Object.fromEntries((options.limits ?? []).map(limitsOf)),
    without: options.without ?? [],
  });
  return objects.map((object) => stringify(marked(object), { lineWidth: 0 })).join('---\n');
}

/** By this annotation an object is known to be of the stack when it is deployed again or removed (`src/stack`). */
function marked(object: Manifest): Manifest {
  const annotations = { ...object.metadata.annotations, 'shop.example/stack': 'shop' };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** The recording and alerting rules, as one rule file of Prometheus. */
export function printedRules(): string {
  const folder = rulesFolder();
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  const [first, ...others] = files
    .sort()
    .map((file) => parseDocument(readFileSync(join(folder, file), 'utf8')));
  for (const other of others)
    for (const group of (other.get('groups') as YAMLSeq).items) first!.addIn(['groups'], group);
  return first!.toString({ lineWidth: 0 });
}

/** A scrape job with the labels that the rules need. */
export function printedScrapeConfig(): string {
  return readFileSync(scrapeFile(), 'utf8');
}

function limitsOf(text: string): [string, Record<string, string>] {
  const [, name, rest] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  const parts = rest?.split(',').map((part) => /^(cpu|memory)=([^=]+)$/.exec(part));
  if (!parts || parts.includes(null))
    throw new Error(`Expected limits like checkout=cpu=250m,memory=192Mi, got "${text}".`);
  const known = stackWorkloads();
  if (name === undefined || !known.includes(name))
    throw new Error(`Expected limits of ${known.join(', ')}, got "${name}".`);
  return [name!, Object.fromEntries(parts.flatMap((part) => (part ? [[part[1], part[2]]] : [])))];
}
