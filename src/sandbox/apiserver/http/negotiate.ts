/** Which form of an answer a client accepts (apiserver/pkg/endpoints/handlers/negotiation). */
import { ApiError } from '../../api.ts';

export interface Accepted {
  format: 'json' | 'yaml';
  /** Table, PartialObjectMetadata, PartialObjectMetadataList, APIGroupDiscoveryList. */
  as?: string;
  group?: string;
  version?: string;
}

interface Clause {
  type: string;
  parameters: Record<string, string>;
  quality: number;
}

const formats: Record<string, Accepted['format']> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  '*/*': 'json',
};

/** The clauses of an Accept header, best first. */
function clauses(header: string): Clause[] {
  return header
    .split(',')
    .map((text) => {
      const [type = '', ...rest] = text.split(';').map((part) => part.trim());
      const parameters = Object.fromEntries(rest.map((part) => part.split('=', 2) as [string, string]));
      return { type: type.toLowerCase(), parameters, quality: Number(parameters.q ?? 1) };
    })
    .sort((a, b) => b.quality - a.quality);
}

const representations =
  'application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';

const kinds =
  'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf';

/** `transforms` says which `as=` the endpoint can produce. Throws ApiError 406. */
export function negotiate(
  header: string | undefined,
  transforms: (accepted: Accepted) => boolean = () => false,
): Accepted {
  if (!header?.trim()) return { format: 'json' };
  let refused: string | undefined;
  for (const { type, parameters } of clauses(header)) {
    const format = formats[type];
    if (!format) continue;
    const accepted: Accepted = { format, as: parameters.as, group: parameters.g, version: parameters.v };
    if (!accepted.as || transforms(accepted)) return accepted;
    refused = kinds;
  }
  if (refused) throw new ApiError(406, 'NotAcceptable', refused);
  throw new ApiError(
    406,
    'NotAcceptable',
    `406: Not Acceptable\n\nAvailable representations: ${representations}`,
    {},
  );
}

/** What a resource can be turned into. */
export function resourceTransforms({ as, group, version }: Accepted): boolean {
  if (group !== 'meta.k8s.io') return false;
  if (as === 'Table') return version === 'v1' || version === 'v1beta1';
  return (
    (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') &&
    (version === 'v1' || version === 'v1beta1')
  );
}
