import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { program } from '../../src/paths.ts';
import type { NewObject } from '../../src/sandbox/api.ts';

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [program('stack.js'), ...args], { maxBuffer: 16 * 1024 * 1024 });

async function printed(...args: string[]): Promise<NewObject[]> {
  const { stdout } = await run('print', ...args);
  return parseAllDocuments(stdout).map((document) => document.toJS() as NewObject);
}

describe('the shop for a cluster of one’s own', () => {
  it('is YAML with the programs’ texts unchanged, whose checkout really burns CPU', async () => {
    const objects = await printed();
    for (const { kind, metadata, data } of objects) {
      const name = metadata.name?.replace(/-program$/, '');
      if (kind === 'ConfigMap' && name !== metadata.name)
        expect(data['main.cjs']).toBe(readFileSync(program(`programs/${name}.cjs`), 'utf8'));
    }
    const checkout = objects.find(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'checkout',
    );
    expect(checkout?.spec.template.spec.containers[0].env).toContainEqual({ name: 'WORK', value: 'burn' });
  });

  it('fits kubectl apply, which keeps each object once more in an annotation of 256 KiB', async () => {
    for (const object of await printed())
      expect(JSON.stringify(object).length, `${object.kind} ${object.metadata.name}`).toBeLessThan(
        256 * 1024,
      );
  });

  it('names a registry’s image, its Secrets and other limits on request', async () => {
    const flags = ['--image=registry.example/node:22', '--pull-secret=one', '--pull-secret=two'];
    const objects = await printed(...flags, '--limits=checkout=cpu=250m,memory=256Mi');
    for (const { spec } of objects.filter(({ kind }) => /^(Deployment|StatefulSet)$/.test(kind))) {
      expect(spec.template.spec.imagePullSecrets).toEqual([{ name: 'one' }, { name: 'two' }]);
      for (const { image, command } of spec.template.spec.containers)
        if (command?.[0] === 'node') expect(image).toBe('registry.example/node:22');
    }
    const checkout = objects.find(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'checkout',
    );
    const amounts = { cpu: '250m', memory: '256Mi' };
    expect(checkout?.spec.template.spec.containers[0].resources).toEqual({
      requests: amounts,
      limits: amounts,
    });
  });

  it('refuses limits that it does not understand', async () => {
    await expect(run('print', '--limits=checkout=much')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Expected limits like checkout=cpu=250m,memory=192Mi'),
    });
    await expect(run('print', '--limits=till=cpu=1')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('got "till"'),
    });
  });

  it('is printed without its database on request, and not without a part that there is not', async () => {
    const left = await printed('--without=database');
    expect(left.map(({ kind }) => kind)).not.toContain('StatefulSet');
    expect(left.map(({ kind }) => kind)).not.toContain('PersistentVolumeClaim');
    expect(left.length).toBeLessThan((await printed()).length);
    await expect(run('print', '--without=cache')).rejects.toMatchObject({
      code: 2,
      stderr: 'Expected a part of the shop that may be left out (database), got "cache".\n',
    });
  });

  it('comes with its rules and a scrape job that sets every label which the rules select by', async () => {
    const rules = (await run('rules')).stdout;
    const { scrape_configs } = parse((await run('scrape-config')).stdout) as {
      scrape_configs: { relabel_configs: { target_label?: string }[] }[];
    };
    const set = scrape_configs.flatMap((job) => job.relabel_configs.map(({ target_label }) => target_label));
    expect(parse(rules).groups.length).toBeGreaterThan(1);
    expect(rules).toMatch(/app="checkout"/);
    expect(set).toEqual(expect.arrayContaining(['app', 'namespace', 'pod', 'node', 'container']));
  });
});
