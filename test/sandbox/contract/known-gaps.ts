/** Recorded cases that the sandbox should answer alike and does not yet. A case that passes must leave the list. */

/** Topic → name of the case → what differs. */
export const knownGaps: Record<string, Record<string, string>> = {
  kubectl: {
    'api-resources, api-versions, explain, version, cluster-info':
      'kubectl explain has no description of fields that are objects: the generated client does not carry them',
  },
};
