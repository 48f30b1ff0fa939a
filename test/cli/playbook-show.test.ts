import { afterEach, expect, it, vi } from 'vitest';
import { showPlaybook } from '../../src/cli/commands/documents.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it('shows what a reader has to fill in as <role>, not as the file writes it', async () => {
  vi.stubEnv('MISFORTUNE_HOME', '/nonexistent');
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  await showPlaybook('one-in-n-fails', { as: 'responder' });
  expect(text).toContain('$ kubectl -n <balancer namespace> logs deployment/<balancer name> --tail=20');
  expect(text).toContain('$ kubectl get <upstreams> -o yaml');
  expect(text).not.toContain('${');
});
