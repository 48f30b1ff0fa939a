import { describe, expect, it } from 'vitest';
import type { GameInfo } from '../../../src/game/api/protocol.ts';
import { infoForElsewhere, infoFromElsewhere } from '../../../src/game/mailbox/access.ts';

const info: GameInfo = {
  game: '2026-01-01-1200',
  phase: 'respond',
  title: 'Paying takes forever',
  briefing: 'Support says so.',
  kubeconfig: '/home/master/.kube/config',
  context: 'arn:staging',
  namespace: 'shop',
  prometheus: 'https://10.0.0.1:6443/api/v1/namespaces/monitoring/services/prometheus:9090/proxy',
  grafana: 'https://grafana.staging.example',
  config: { file: '/home/master/misfortune.yaml', cluster: 'staging' },
  dashboards: [],
  mechanisms: [{ name: 'load', about: 'more requests than it can serve' }],
};

describe('what a responder on another machine is told of a game', () => {
  const travelling = infoForElsewhere(info, 'https://10.0.0.1:6443');

  it("has nothing of the game master's files in it, and no address of theirs for the API server", () => {
    expect(travelling).toEqual({
      ...info,
      kubeconfig: '',
      config: undefined,
      prometheus: '/api/v1/namespaces/monitoring/services/prometheus:9090/proxy',
    });
    expect(JSON.stringify(travelling)).not.toMatch(/home|10\.0\.0\.1/);
  });

  it("leads to the monitoring over the responder's own way to the API server; a URL stays as it is", () => {
    const own = { server: 'https://bastion.example/staging', context: 'staging' };
    expect(infoFromElsewhere(travelling, own)).toMatchObject({
      context: 'staging',
      prometheus:
        'https://bastion.example/staging/api/v1/namespaces/monitoring/services/prometheus:9090/proxy',
      grafana: 'https://grafana.staging.example',
    });
  });
});
