import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PLACE = join('src', 'shop');

/**
 * The folder with the shop's manifests, rules, dashboards and Alertmanager configuration. The bundle runs from
 * dist/, the tests from src/: both lie under the package's root.
 */
export function shopFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, PLACE, 'manifests'))) return join(folder, PLACE);
    if (folder === dirname(folder))
      throw new Error(
        `Expected ${PLACE}/manifests above ${fileURLToPath(import.meta.url)}; is the package complete?`,
      );
  }
}

/** Files with recording and alerting rules, in Prometheus' own format. */
export const rulesFolder = (): string => join(shopFolder(), 'rules');
/** Dashboards as Grafana exports them, one JSON file each; the file name is the uid. */
export const dashboardsFolder = (): string => join(shopFolder(), 'dashboards');
/** The configuration of Alertmanager. */
export const alertmanagerFile = (): string => join(shopFolder(), 'alertmanager.yaml');
/** A scrape job for a real Prometheus. */
export const scrapeFile = (): string => join(shopFolder(), 'scrape.yaml');
