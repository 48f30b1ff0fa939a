import type { Socket } from 'node:net';

/** Hands on what comes in both directions, each half closed by itself; if one breaks, so does the other. */
export function join(one: Socket, other: Socket): void {
  one.pipe(other);
  other.pipe(one);
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroySoon());
  }
}
