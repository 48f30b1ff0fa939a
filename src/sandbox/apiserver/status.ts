/** Kubernetes' own refusals: constructors of ApiError with the messages, reasons and details of the real server. */
import { ApiError } from '../api.ts';

/** One failed rule of one field: becomes a cause of an Invalid Status. */
export interface FieldError {
  type:
    | 'Required'
    | 'Invalid'
    | 'NotSupported'
    | 'Forbidden'
    | 'Duplicate'
    | 'TooLong'
    | 'TooMany'
    | 'NotFound';
  field: string;
  /** The full text without the field, e.g. `Invalid value: -1: must be greater than or equal to 0`. */
  message: string;
}

const causeReasons: Record<FieldError['type'], string> = {
  Required: 'FieldValueRequired',
  Invalid: 'FieldValueInvalid',
  NotSupported: 'FieldValueNotSupported',
  Forbidden: 'FieldValueForbidden',
  Duplicate: 'FieldValueDuplicate',
  TooLong: 'FieldValueTooLong',
  TooMany: 'FieldValueTooMany',
  NotFound: 'FieldValueNotFound',
};

/** The JSON body of an error answer. */
export function statusBody(error: ApiError): Record<string, unknown> {
  const body: Record<string, unknown> = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: error.message,
  };
  if (error.reason) body.reason = error.reason;
  if (error.details) body.details = error.details;
  body.code = error.code;
  return body;
}

/** `pods`, `deployments.apps`: how messages name a resource. */
export function qualified(resource: { plural: string; group: string }): string {
  return resource.group ? `${resource.plural}.${resource.group}` : resource.plural;
}

interface Named {
  plural: string;
  group: string;
}

function details(resource: Named, name: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ...(name ? { name } : {}),
    ...(resource.group ? { group: resource.group } : {}),
    kind: resource.plural,
    ...more,
  };
}

export function notFound(resource: Named, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${qualified(resource)} "${name}" not found`, details(resource, name));
}

/** `isGoing`: the object that has the name is being deleted. */
export function alreadyExists(resource: Named, name: string, isGoing: boolean): ApiError {
  return new ApiError(
    409,
    'AlreadyExists',
    `${isGoing ? 'object is being deleted: ' : ''}${qualified(resource)} "${name}" already exists`,
    details(resource, name),
  );
}

export function conflict(resource: Named, name: string, why: string): ApiError {
  return new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    details(resource, name),
  );
}

export const modified =
  'the object has been modified; please apply your changes to the latest version and try again';

export function forbidden(
  resource: Named,
  name: string,
  why: string,
  more?: Record<string, unknown>,
): ApiError {
  const subject = name ? `${qualified(resource)} "${name}"` : qualified(resource);
  return new ApiError(403, 'Forbidden', `${subject} is forbidden: ${why}`, details(resource, name, more));
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

/** A path that no resource answers to. */
export function noSuchResource(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function methodNotAllowed(): ApiError {
  return new ApiError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

/** 422 with one cause per failed rule; several are joined in brackets as the real server does. */
export function invalid(kind: { kind: string; group: string }, name: string, errors: FieldError[]): ApiError {
  const subject = kind.group ? `${kind.kind}.${kind.group}` : kind.kind;
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  const text = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return new ApiError(422, 'Invalid', `${subject} "${name}" is invalid: ${text}`, {
    ...(name ? { name } : {}),
    ...(kind.group ? { group: kind.group } : {}),
    ...(kind.kind ? { kind: kind.kind } : {}),
    causes: errors.map((error) => ({
      reason: causeReasons[error.type],
      message: error.message,
      field: error.field,
    })),
  });
}

export const unavailable = (message: string) => new ApiError(503, 'ServiceUnavailable', message);
