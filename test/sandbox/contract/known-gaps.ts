/** Recorded cases that the sandbox should answer alike and does not yet. A case that passes must leave the list. */

/** Topic → name of the case → what differs. */
export const knownGaps: Record<string, Record<string, string>> = {};
