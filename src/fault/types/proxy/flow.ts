import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is done to a connection, in milliseconds. */
export interface Treatment {
  /** What the client sends is handed on so much later: each round trip of a protocol takes longer by it. */
  delayMs: number;
  /** More or less of it, each time another. */
  jitterMs: number;
  /** It is forgotten when nothing was sent for so long; 0: never. */
  idleMs: number;
}

/** A client's connection that is handed on. */
export interface Flow {
  /** Milliseconds since the last byte went through it; 0 while some are held. */
  quietMs(): number;
  /** Closes both sides once all is written. */
  end(): void;
  closed: Promise<unknown>;
}

/** A side that is not read holds no more than this in memory. */
const MOST_HELD = 2 ** 20;

/**
 * Hands a connection on. One that is forgotten stays open on both sides, and what either of them sends is swallowed: neither
 * is told, as where a load balancer or a NAT drops it from its table. Both sockets must allow being half open.
 */
export function handOn(client: Socket, server: Socket, { delayMs, jitterMs, idleMs }: Treatment): Flow {
  let last = performance.now();
  let pieces = 0;
  let isForgotten = false;
  const later = () => delayMs + jitterMs * (2 * Math.random() - 1);
  client.setTimeout(idleMs, () => {
    isForgotten = true;
  });
  const sides = [pump(client, server, later), pump(server, client, () => 0)];
  return {
    quietMs: () => (pieces > 0 ? 0 : performance.now() - last),
    end() {
      for (const socket of [client, server]) socket.destroySoon();
    },
    closed: Promise.all(sides),
  };

  /** Each piece is due by when it came, so that many in a row are late by one delay and not by one each. Gives `from`'s end. */
  function pump(from: Socket, to: Socket, wait: () => number): Promise<void> {
    let held = 0;
    let before: Promise<unknown> = Promise.resolve();
    from.setNoDelay(true);
    from.on('data', (piece: Buffer) => {
      last = performance.now();
      if (isForgotten) return;
      const due = delayed(wait());
      pieces += 1;
      held += piece.length;
      if (held > MOST_HELD) from.pause();
      before = before
        .then(() => due)
        .then(() => written(to, piece))
        .then(() => {
          last = performance.now();
          pieces -= 1;
          held -= piece.length;
          if (held <= MOST_HELD) from.resume();
        });
    });
    from.once('end', () => {
      if (isForgotten) from.destroy();
      else void before.then(() => to.end());
    });
    from.on('error', () => undefined);
    return new Promise((resolve) =>
      from.once('close', (failed: boolean) => {
        if (failed && !isForgotten) to.resetAndDestroy();
        else if (!isForgotten) void before.then(() => to.destroySoon());
        resolve();
      }),
    );
  }
}

function delayed(ms: number): Promise<unknown> | undefined {
  return ms > 0 ? sleep(ms) : undefined;
}

/** Until there is room for more, or nobody is there to read it. */
function written(to: Socket, piece: Buffer): Promise<void> | undefined {
  if (to.destroyed || to.write(piece)) return undefined;
  return new Promise((resolve) => {
    const done = () => {
      to.off('drain', done).off('close', done);
      resolve();
    };
    to.on('drain', done).on('close', done);
  });
}
