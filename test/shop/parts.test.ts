import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDashboards } from '../../src/sandbox/monitor/grafana/dashboards.ts';
import { dashboardsFolder, rulesFolder, shopFolder } from '../../src/shop/folder.ts';
import { isPartOf, partNames } from '../../src/shop/parts.ts';
import { stackObjects } from '../../src/shop/stack.ts';

const named = (without: string[]) =>
  stackObjects({ programs: () => '', mode: 'simulated', without }).map(
    ({ kind, metadata }) => `${kind}/${metadata.name}`,
  );

describe('the shop without its database', () => {
  it('has none of its objects, and all others', () => {
    const whole = named([]);
    const rest = named(['database']);
    const gone = whole.filter((name) => !rest.includes(name));
    expect(gone.filter((name) => !name.startsWith('Secret/')).sort()).toEqual([
      'ConfigMap/app-users-program',
      'ConfigMap/backup-program',
      'ConfigMap/catalog-program',
      'ConfigMap/db-exporter-program',
      'CronJob/backup',
      'CronJob/backup-check',
      'Deployment/app-users',
      'Deployment/catalog',
      'PersistentVolumeClaim/backups',
      'Service/catalog',
      'Service/db',
      'StatefulSet/db',
    ]);
    expect(rest).toEqual(whole.filter((name) => !gone.includes(name)));
  });

  it('names nothing of it in what is left', () => {
    const text = JSON.stringify(
      stackObjects({ programs: () => '', mode: 'simulated', without: ['database'] }),
    );
    expect(text).not.toMatch(/postgres|catalog:8080|"PGHOST"/);
  });

  it('has neither its dashboards nor its rules, and no rule or panel asks for its series', () => {
    const isLeftOut = (file: string) => isPartOf(['database'], file);
    const slugs = (left: (file: string) => boolean) =>
      readDashboards(dashboardsFolder(), left).map(({ model }) => model.uid);
    expect(slugs(() => false)).toEqual(expect.arrayContaining(['catalog', 'db']));
    expect(slugs(isLeftOut)).toEqual(slugs(() => false).filter((uid) => uid !== 'catalog' && uid !== 'db'));
    const series = /\b(pg_|backup_last|app_visits|db_query|db_errors|shop:(db|catalog|app):)|app="catalog"/;
    for (const folder of [rulesFolder(), dashboardsFolder()])
      for (const file of readdirSync(folder))
        expect(series.test(readFileSync(join(folder, file), 'utf8')), file).toBe(isLeftOut(file));
  });
});

it('a part that is not known is refused with those that there are', () => {
  expect(() => named(['databases'])).toThrow(
    'Expected a part of the shop that may be left out (database), got "databases".',
  );
});

it('every file of a part is there', () => {
  const files = ['manifests', 'rules', 'dashboards'].flatMap((folder) =>
    readdirSync(join(shopFolder(), folder)),
  );
  const own = files.filter((file) => isPartOf(partNames, file)).map((file) => file.replace(/\.\w+$/, ''));
  expect([...new Set(own)].sort()).toEqual(['backup', 'catalog', 'db']);
});
