import { Socket } from 'node:net';
import type { Link } from '../api.ts';

/** A segment of TCP: how long Linux waits before it sends one again, doubled each time, and how often it does. */
interface Segment {
  firstMs: number;
  retries: number;
}

/** RFC 6298's second, and tcp_syn_retries: given up after 127 s. */
export const syn: Segment = { firstMs: 1000, retries: 6 };
/** TCP_RTO_MIN, and tcp_retries2. */
const data: Segment = { firstMs: 200, retries: 15 };
/** TCP_RTO_MAX. */
const LONGEST_MS = 120_000;

// As they were before the program of a pod could replace them.
const { random, max, min } = Math;
const { setTimeout, clearTimeout } = globalThis;
const { apply } = Reflect;

type LinkNow = () => Link | undefined;
type WriteGeneric = (this: Socket, writev: boolean, data: unknown, encoding: string, done: unknown) => void;

const write = (Socket.prototype as unknown as { _writeGeneric: WriteGeneric })._writeGeneric;

/**
 * Sends a segment until it arrives, at once where nothing disturbs the connection. It is asked anew for each attempt what
 * does: a connection recovers as it would, with the next retransmission. Gives what calls it off.
 */
export function carry(
  { firstMs, retries }: Segment,
  linkNow: LinkNow,
  arrived: () => void,
  gaveUp: () => void,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const send = (left: number, wait: number): void => {
    const link = linkNow();
    if (!link || random() >= link.loss) {
      const ms = link ? max(0, link.delayMs + (2 * random() - 1) * link.jitterMs) : 0;
      if (ms > 0) timer = setTimeout(arrived, ms);
      else arrived();
    } else if (left === 0) timer = setTimeout(gaveUp, wait);
    else timer = setTimeout(send, wait, left - 1, min(2 * wait, LONGEST_MS));
  };
  send(retries, firstMs);
  return () => clearTimeout(timer);
}

/**
 * Lets what is written to a connected socket arrive as its link has it: each write counts as one segment, and the next one
 * waits for it, so that the order stays. What comes back is not held up.
 */
export function shape(socket: Socket, linkNow: LinkNow): void {
  const shaped = socket as unknown as { _writeGeneric: WriteGeneric; _unrefTimer(): void };
  shaped._writeGeneric = (writev, chunk, encoding, done) => {
    const send = (): void => apply(write, socket, [writev, chunk, encoding, done]);
    if (socket.connecting || !linkNow()) return send();
    // It is sent now, for whoever waits for a sign of life.
    shaped._unrefTimer();
    const settle = (): void => {
      socket.off('close', closed);
      send();
    };
    const closed = (): void => {
      stop();
      // Tells the writer that the socket is closed.
      send();
    };
    socket.once('close', closed);
    const stop = carry(data, linkNow, settle, () =>
      socket.destroy(Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'read' })),
    );
  };
}
