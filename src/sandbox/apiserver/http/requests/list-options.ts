/** Rules of ListOptions (apimachinery/pkg/apis/meta/internalversion/validation). */
import { ApiError } from '../../../api.ts';
import { badRequest, type FieldError, invalid } from '../../status.ts';

export function checkListOptions(query: URLSearchParams): void {
  const version = query.get('resourceVersion') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  const initial = query.get('sendInitialEvents');
  const isWatch = query.get('watch') === 'true' || query.get('watch') === '1';
  const error = isWatch ? watchError(match, initial) : listError(version, match);
  if (error) throw invalid({ kind: 'ListOptions', group: 'meta.k8s.io' }, '', [error]);
  if (/^\d*$/.test(version)) return;
  const why = `resourceVersion: Invalid value: ${JSON.stringify(version)}: strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`;
  throw isWatch ? new ApiError(500, '', why) : badRequest(`invalid resource version: ${why}`);
}

const forbidden = (message: string): FieldError => ({
  type: 'Forbidden',
  field: 'resourceVersionMatch',
  message: `Forbidden: ${message}`,
});

function watchError(match: string, initial: string | null): FieldError | undefined {
  if (initial !== null && match !== 'NotOlderThan') {
    return forbidden('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (initial === null && match) {
    return forbidden('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  }
  return undefined;
}

function listError(version: string, match: string): FieldError | undefined {
  if (!match) return undefined;
  if (!version) return forbidden('resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (match === 'Exact' && version === '0') {
    return forbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  if (match === 'Exact' || match === 'NotOlderThan') return undefined;
  return {
    type: 'NotSupported',
    field: 'resourceVersionMatch',
    message: `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`,
  };
}

/** A version that the server has not reached. The real one waits three seconds for it first. */
export function tooLarge(version: string, current: number): ApiError {
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return new ApiError(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${version}, current: ${current}`,
    {
      causes,
      retryAfterSeconds: 1,
    },
  );
}
