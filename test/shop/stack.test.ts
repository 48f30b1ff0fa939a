import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { NewObject } from '../../src/sandbox/api.ts';
import { stackObjects } from '../../src/shop/stack.ts';
import { programFile } from './program.ts';

const programs = (name: string) => readFileSync(programFile(name), 'utf8');
const objects = stackObjects({ programs, mode: 'simulated' });
const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
const key = ({ metadata }: NewObject) => `${metadata.namespace ?? ''}/${metadata.name}`;

describe('the objects of the shop', () => {
  it('have the pods that scenarios count on', () => {
    const replicas = Object.fromEntries(
      ofKind('Deployment').map((object) => [key(object), object.spec.replicas]),
    );
    expect(replicas).toMatchObject({
      'shop/edge': 2,
      'shop/storefront': 1,
      'shop/checkout': 2,
      'shop/worker': 1,
      'shop/customers': 1,
      'batch/price-sync': 1,
    });
  });

  it('come in an order in which they can be created', () => {
    const kinds = objects.map(({ kind }) => kind);
    expect(kinds.lastIndexOf('Namespace')).toBeLessThan(kinds.indexOf('ConfigMap'));
    expect(kinds.lastIndexOf('ConfigMap')).toBeLessThan(kinds.indexOf('Deployment'));
  });

  it('select their own pods, name ports that exist and mount ConfigMaps that exist', () => {
    const configMaps = new Set(ofKind('ConfigMap').map(key));
    for (const deployment of [...ofKind('Deployment'), ...ofKind('StatefulSet')]) {
      const { template, selector } = deployment.spec;
      expect(template.metadata.labels).toMatchObject(selector.matchLabels);
      for (const { configMap } of template.spec.volumes)
        if (configMap) expect(configMaps).toContain(`${deployment.metadata.namespace}/${configMap.name}`);
    }
    for (const service of ofKind('Service')) {
      const names = [...ofKind('Deployment'), ...ofKind('StatefulSet')]
        .filter(
          ({ metadata, spec }) =>
            metadata.namespace === service.metadata.namespace &&
            Object.entries(service.spec.selector).every(
              ([label, value]) => spec.template.metadata.labels[label] === value,
            ),
        )
        .flatMap(({ spec }) => spec.template.spec.containers)
        .flatMap(({ ports = [] }: { ports?: { name: string }[] }) => ports)
        .map(({ name }: { name: string }) => name);
      for (const port of service.spec.ports) expect(names).toContain(port.targetPort);
    }
  });

  it('give every container probes, requests, limits, an owner and a scrape port', () => {
    for (const { spec, metadata } of [...ofKind('Deployment'), ...ofKind('StatefulSet')]) {
      expect(metadata.annotations?.['shop.example/owner']).toMatch(/^(checkout|edge|platform)$/);
      expect(spec.template.metadata.annotations).toMatchObject({
        'prometheus.io/scrape': 'true',
        'prometheus.io/port': '9090',
      });
      for (const container of spec.template.spec.containers) {
        expect(container.readinessProbe).toBeDefined();
        expect(container.livenessProbe).toBeDefined();
        for (const kind of ['requests', 'limits'])
          expect(Object.keys(container.resources[kind]).sort()).toEqual(['cpu', 'memory']);
      }
    }
  });

  it('fit into ConfigMaps', () => {
    for (const object of ofKind('ConfigMap'))
      expect(JSON.stringify(object).length, key(object)).toBeLessThan(1_000_000);
  });

  it('say nothing of games but the label that allows them', () => {
    const labelled = ofKind('Namespace').filter(
      ({ metadata }) => metadata.labels?.['misfortune.dev/game-days'] === 'allowed',
    );
    expect(labelled.map(({ metadata }) => metadata.name).sort()).toEqual(['batch', 'shop']);
    const rest = objects.filter(({ kind }) => kind !== 'Namespace');
    expect(JSON.stringify(rest)).not.toMatch(/misfortune|game.?day|chaos|haymaker|scenario|oracle/i);
  });

  it('take the mode of work, the image, its pull secrets and limits from the caller', () => {
    const adapted = stackObjects({
      programs: () => '',
      mode: 'burn',
      image: 'registry.example/node:20',
      imagePullSecrets: ['registry'],
      limits: { checkout: { cpu: '1' } },
    });
    const checkout = adapted.find(
      (object) => object.kind === 'Deployment' && object.metadata.name === 'checkout',
    )!;
    const pod = checkout.spec.template.spec;
    expect(pod.imagePullSecrets).toEqual([{ name: 'registry' }]);
    expect(pod.containers[0]).toMatchObject({
      image: 'registry.example/node:20',
      resources: { requests: { cpu: '1', memory: '64Mi' }, limits: { cpu: '1', memory: '192Mi' } },
    });
    expect(pod.containers[0].env).toContainEqual({ name: 'WORK', value: 'burn' });
    const before = ofKind('Deployment').find(({ metadata }) => metadata.name === 'checkout')!;
    expect(before.spec.template.spec.containers[0].env).toContainEqual({ name: 'WORK', value: 'simulated' });
  });
});
