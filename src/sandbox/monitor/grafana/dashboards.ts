import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface StoredDashboard {
  readonly uid: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly model: Readonly<Record<string, unknown>>;
  /** ms since epoch. */
  readonly changedAt: number;
}

/** Every Grafana dashboard (`*.json`) of a folder that is not left out, by title. Throws an Error that names a file that is none. */
export function readDashboards(folder: string, isLeftOut: (file: string) => boolean): StoredDashboard[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json') && !isLeftOut(file))
    .map((file) => readDashboard(join(folder, file)))
    .sort((a, b) => a.title.localeCompare(b.title));
}

function readDashboard(file: string): StoredDashboard {
  let model: Record<string, unknown>;
  try {
    model = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch (cause) {
    throw new Error(`${file}: expected a Grafana dashboard as JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof model.title !== 'string') throw new Error(`${file}: expected a dashboard with a "title"`);
  return {
    uid: typeof model.uid === 'string' ? model.uid : basename(file, '.json'),
    title: model.title,
    tags: Array.isArray(model.tags) ? model.tags.map(String) : [],
    model,
    changedAt: statSync(file).mtimeMs,
  };
}

/** The path part that Grafana makes of a title. */
export function slug(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
