import type { Failure } from '../api.ts';

/** How long it takes until a connection fails, in ms. */
export interface NetworkTimeouts {
  /** Nobody has the address: ARP gives up on a node's bridge. */
  unreachable: number;
  /** A NetworkPolicy drops the packets: Linux sends a SYN seven times (tcp_syn_retries 6). */
  dropped: number;
  /** A NetworkPolicy drops what is asked of the DNS: two attempts of five seconds (resolv.conf(5)). */
  unanswered: number;
}

export const linuxTimeouts: NetworkTimeouts = { unreachable: 3000, dropped: 127_000, unanswered: 10_000 };

const failed = (code: Failure['code'], syscall: Failure['syscall'], afterMs = 0): Failure => ({
  kind: 'failed',
  code,
  syscall,
  afterMs,
});

export const refused = failed('ECONNREFUSED', 'connect');
export const unknownName = failed('ENOTFOUND', 'getaddrinfo');
export const unreachable = (after: NetworkTimeouts): Failure =>
  failed('EHOSTUNREACH', 'connect', after.unreachable);
export const dropped = (after: NetworkTimeouts): Failure => failed('ETIMEDOUT', 'connect', after.dropped);
export const unanswered = (after: NetworkTimeouts): Failure =>
  failed('EAI_AGAIN', 'getaddrinfo', after.unanswered);
