/** Cases of the API server's own topics that wait for running Pods or for controllers: see test/slow/contract. */
export const needsPods: Record<string, string[]> = {
  defaulting: ['the status of a ResourceQuota follows what is used'],
  errors: [
    'an eviction that a PodDisruptionBudget blocks is TooManyRequests',
    'a ResourceQuota that is used up is Forbidden',
  ],
  'list-watch': [
    'poddisruptionbudgets as a Table',
    'resourcequotas and limitranges as a Table',
    'field selectors of Pods',
    'pods as a Table',
    'deployments and replicasets as a Table',
    'endpoints and endpointslices as a Table',
    'jobs as a Table',
    'statefulsets as a Table',
    'PartialObjectMetadata of one object and of a list',
  ],
  patches: ['generation counts spec changes only'],
  subresources: [
    'the log of a container: whole, tail, limited, since, with timestamps',
    'log queries that are refused',
    'the log of a Pod with two containers asks for a name',
    'the log of what has not started',
    'the log of the previous container after a restart',
    'what a container sees: arguments with variables, environment from everywhere, mounted files',
    'scale of a Deployment: GET and PUT',
    'an eviction that no budget minds deletes the Pod',
    'a binding puts a Pod on a node, once',
    'a Pod that names its node skips the scheduler',
    'exec, attach and port-forward without an upgrade are refused',
    'an ephemeral container is added through its subresource',
  ],
};
