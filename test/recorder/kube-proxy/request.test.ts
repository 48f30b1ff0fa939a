import { describe, expect, it } from 'vitest';
import { isStream, isWrite, parseKubeRequest } from '../../../src/recorder/kube-proxy/request.ts';

describe('what a request to an API server asks for', () => {
  it.each([
    [
      'GET',
      '/api/v1/namespaces/shop/pods?limit=500',
      { verb: 'list', group: '', version: 'v1', resource: 'pods', namespace: 'shop' },
    ],
    [
      'GET',
      '/api/v1/pods?limit=500',
      { verb: 'list', group: '', version: 'v1', resource: 'pods', allNamespaces: true },
    ],
    ['GET', '/api/v1/nodes', { verb: 'list', group: '', version: 'v1', resource: 'nodes' }],
    [
      'GET',
      '/api/v1/namespaces/shop',
      { verb: 'get', group: '', version: 'v1', resource: 'namespaces', name: 'shop' },
    ],
    [
      'GET',
      '/apis/apps/v1/namespaces/shop/deployments?watch=true&fieldSelector=metadata.name%3Dcheckout',
      {
        verb: 'watch',
        group: 'apps',
        version: 'v1',
        resource: 'deployments',
        namespace: 'shop',
        fieldSelector: 'metadata.name=checkout',
      },
    ],
    [
      'PATCH',
      '/apis/apps/v1/namespaces/shop/deployments/checkout/scale',
      {
        verb: 'patch',
        group: 'apps',
        version: 'v1',
        resource: 'deployments',
        subresource: 'scale',
        namespace: 'shop',
        name: 'checkout',
      },
    ],
    [
      'DELETE',
      '/apis/batch/v1/namespaces/batch/jobs/export',
      { verb: 'delete', group: 'batch', version: 'v1', resource: 'jobs', namespace: 'batch', name: 'export' },
    ],
    [
      'DELETE',
      '/api/v1/namespaces/shop/pods?labelSelector=app%3Da',
      {
        verb: 'deletecollection',
        group: '',
        version: 'v1',
        resource: 'pods',
        namespace: 'shop',
        labelSelector: 'app=a',
      },
    ],
    [
      'POST',
      '/api/v1/namespaces/shop/pods/a/eviction',
      {
        verb: 'create',
        group: '',
        version: 'v1',
        resource: 'pods',
        subresource: 'eviction',
        namespace: 'shop',
        name: 'a',
      },
    ],
    [
      'GET',
      '/api/v1/namespaces/shop/pods/a/exec?command=ls&command=-l&container=app',
      {
        verb: 'connect',
        group: '',
        version: 'v1',
        resource: 'pods',
        subresource: 'exec',
        namespace: 'shop',
        name: 'a',
        command: ['ls', '-l'],
      },
    ],
    [
      'GET',
      '/api/v1/namespaces/shop/pods/a/log?follow=true',
      {
        verb: 'get',
        group: '',
        version: 'v1',
        resource: 'pods',
        subresource: 'log',
        namespace: 'shop',
        name: 'a',
      },
    ],
  ])('%s %s', (method, url, expected) => {
    expect(parseKubeRequest(method, url)).toEqual(expected);
  });

  it.each(['/version', '/api', '/api/v1', '/apis', '/apis/apps/v1', '/openapi/v3/apis/apps/v1', '/healthz'])(
    '%s is machinery',
    (url) => {
      expect(parseKubeRequest('GET', url)).toBeUndefined();
    },
  );

  it('a dry run, an access review and a token are no writes', () => {
    const write = (method: string, url: string) => isWrite(parseKubeRequest(method, url)!);
    expect(write('PATCH', '/apis/apps/v1/namespaces/shop/deployments/checkout?dryRun=All')).toBe(false);
    expect(write('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews')).toBe(false);
    expect(write('POST', '/api/v1/namespaces/shop/serviceaccounts/default/token')).toBe(false);
    expect(write('PATCH', '/apis/apps/v1/namespaces/shop/deployments/checkout')).toBe(true);
    expect(write('POST', '/api/v1/namespaces/shop/pods/a/eviction')).toBe(true);
  });

  it('a watch, a followed log and an exec are streams, a log is none', () => {
    const stream = (url: string) => isStream(url, parseKubeRequest('GET', url)!);
    expect(stream('/api/v1/pods?watch=true')).toBe(true);
    expect(stream('/api/v1/namespaces/a/pods/a/log?follow=true')).toBe(true);
    expect(stream('/api/v1/namespaces/a/pods/a/exec?command=ls')).toBe(true);
    expect(stream('/api/v1/namespaces/a/pods/a/log')).toBe(false);
  });
});
