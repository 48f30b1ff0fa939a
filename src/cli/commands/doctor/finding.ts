import type { Finding as Refusal } from '../../../cluster/access/opened.ts';

/** One thing that a game needs: how it is, and what to do if it is not. */
export interface Finding {
  what: string;
  state: 'ok' | 'missing' | 'warning';
  seen: string;
  /** A command in backticks can be run as it is. */
  todo?: string;
}

export function ok(what: string, seen: string): Finding {
  return { what, state: 'ok', seen };
}

export function missing(what: string, seen: string, todo?: string): Finding {
  return { what, state: 'missing', seen, ...(todo && { todo }) };
}

export function warning(what: string, seen: string, todo?: string): Finding {
  return { what, state: 'warning', seen, ...(todo && { todo }) };
}

/** What a guard rail says, as a finding. */
export function refusal(what: string, { message, todo }: Refusal): Finding {
  return missing(what, message, todo);
}
