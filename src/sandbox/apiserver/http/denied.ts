/** The 403 of the authoriser, in its own words. */
import { ApiError } from '../../api.ts';
import type { User } from '../auth/authenticate.ts';
import type { RequestInfo } from './route.ts';

export function denied(user: User, info: RequestInfo): ApiError {
  const who = `User ${JSON.stringify(user.name)}`;
  if (!info.isResource) {
    return new ApiError(
      403,
      'Forbidden',
      `forbidden: ${who} cannot ${info.verb} path ${JSON.stringify(info.path)}`,
      {},
    );
  }
  const { group, resource, subresource, namespace, name, verb } = info;
  const full = group ? `${resource}.${group}` : resource;
  const place = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope';
  const what = JSON.stringify(subresource ? `${resource}/${subresource}` : resource);
  const subject = name ? `${full} ${JSON.stringify(name)}` : full;
  return new ApiError(
    403,
    'Forbidden',
    `${subject} is forbidden: ${who} cannot ${verb} resource ${what} in API group ${JSON.stringify(group)} ${place}`,
    { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: resource },
  );
}
