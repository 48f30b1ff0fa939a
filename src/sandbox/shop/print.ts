import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { NewObject } from '../api.ts';
import { rulesFolder, scrapeFile } from './folder.ts';
import { SHOP_PROGRAMS, stackObjects } from './stack.ts';

/** How the objects differ from the sandbox's, apart from the work, which is real. */
export interface PrintOptions {
  /** Image of every container. */
  image?: string;
  /** Names of Secrets in the namespaces shop and batch. */
  pullSecrets?: string[];
  /** `deployment=cpu=250m,memory=192Mi` */
  limits?: string[];
}

/**
 * All objects of the shop as YAML for `kubectl apply -f -`. `programs` gives a bundled program's text by its name.
 * @throws Error for limits that are not written as expected
 */
export function printedStack(programs: (name: string) => string, options: PrintOptions = {}): string {
  const objects = stackObjects({
    programs,
    mode: 'burn',
    ...(options.image && { image: options.image }),
    imagePullSecrets: options.pullSecrets ?? [],
    limits: Object.fromEntries((options.limits ?? []).map(limitsOf)),
  });
  return objects.map((object) => stringify(marked(object), { lineWidth: 0 })).join('---\n');
}

/** By this annotation an object is known to be of the stack when it is deployed again or removed (`src/stack`). */
function marked(object: NewObject): NewObject {
  const annotations = { ...object.metadata.annotations, 'shop.example/stack': 'shop' };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** The recording and alerting rules, as a rule file of Prometheus. */
export function printedRules(): string {
  const folder = rulesFolder();
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  return files
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
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
  if (!SHOP_PROGRAMS.some((known) => known === name))
    throw new Error(`Expected limits of ${SHOP_PROGRAMS.join(', ')}, got "${name}".`);
  return [name!, Object.fromEntries(parts.flatMap((part) => (part ? [[part[1], part[2]]] : [])))];
}
