import type { GameInfo } from '../api/protocol.ts';

const parts = ['prometheus', 'alertmanager', 'grafana'] as const;

/**
 * What a responder on another machine is told of a game: nothing of the game master's files, and monitoring behind the
 * API server (`server`) as a path of it, because they may reach it by another address. No secret is in it: headers and
 * token files are the business of each side.
 */
export function infoForElsewhere(info: GameInfo, server: string): GameInfo {
  const { config: _, ...rest } = info;
  return { ...rest, kubeconfig: '', ...addresses(info, (url) => withoutServer(url, server)) };
}

/** The same on the other side: with the responder's own way to the API server. */
export function infoFromElsewhere(info: GameInfo, own: { server: string; context: string }): GameInfo {
  const { server, context } = own;
  return { ...info, context, ...addresses(info, (url) => (url.startsWith('/') ? server + url : url)) };
}

function addresses(info: GameInfo, change: (url: string) => string): Partial<GameInfo> {
  return Object.fromEntries(
    parts.flatMap((part) => {
      const url = info[part];
      return url === undefined ? [] : [[part, change(url)]];
    }),
  );
}

function withoutServer(url: string, server: string): string {
  return url.startsWith(`${server}/`) ? url.slice(server.length) : url;
}
