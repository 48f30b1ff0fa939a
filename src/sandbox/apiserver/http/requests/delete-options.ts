/** DeleteOptions from a body, or from the query where there is none. */
import type { DeleteOptions } from '../../deletion.ts';
import { isRecord } from '../../json.ts';
import { decodeProtobuf } from '../../protobuf/decode.ts';
import { MessageError } from '../../protobuf/wire.ts';
import { DecodeError, decode } from '../../schema/decode.ts';
import { badRequest, type FieldError, invalid } from '../../status.ts';
import type { Call } from '../context.ts';
import { bodyFormat, parseJson, parseYamlBody, readBody } from './body.ts';
import { checkDryRun } from './options.ts';

const policies = ['Foreground', 'Background', 'Orphan'];
const model = 'V1DeleteOptions';

interface Options {
  kind?: string;
  gracePeriodSeconds?: number;
  preconditions?: { uid?: string; resourceVersion?: string };
  orphanDependents?: boolean;
  propagationPolicy?: string;
  dryRun?: string[];
}

/** Throws ApiError 400, 415 and 422. */
export async function readDeleteOptions(call: Call): Promise<DeleteOptions> {
  const body = await readOptions(call);
  const query = call.url.searchParams;
  const { preconditions = {}, gracePeriodSeconds = seconds(query) } = body;
  const policy = body.propagationPolicy ?? query.get('propagationPolicy') ?? undefined;
  const orphan = body.orphanDependents ?? flag(query);
  const dryRun = [...(body.dryRun ?? []), ...query.getAll('dryRun')].filter(Boolean);
  validate(policy, orphan, dryRun);
  const fromOrphan = orphan === undefined ? undefined : orphan ? 'Orphan' : 'Background';
  return {
    uid: preconditions.uid,
    resourceVersion: preconditions.resourceVersion,
    gracePeriodSeconds,
    propagationPolicy: (policy ?? fromOrphan) as DeleteOptions['propagationPolicy'],
    dryRun: dryRun.length > 0,
  };
}

/** Every group version knows them: the version of a body does not matter. */
async function readOptions(call: Call): Promise<Options> {
  const body = await readBody(call.request);
  if (body.length === 0) return {};
  const format = bodyFormat(call.request.headers['content-type']);
  const text = body.toString('utf8');
  if (format !== 'protobuf' && text.trim() === '') return {};
  try {
    const value =
      format === 'protobuf'
        ? decodeProtobuf(body, model)
        : format === 'yaml'
          ? parseYamlBody(text)
          : parseJson(text);
    if (!isRecord(value)) throw badRequest('the body is no DeleteOptions object');
    const { kind = '' } = value;
    if (kind && kind !== 'DeleteOptions') {
      throw badRequest(`decoded object cannot be converted to DeleteOptions: it is a ${String(kind)}`);
    }
    return decode<Options>(model, value);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw badRequest(`couldn't get version/kind; json parse error: ${error.message}`);
    }
    if (error instanceof DecodeError || error instanceof MessageError) throw badRequest(error.message);
    throw error;
  }
}

function seconds(query: URLSearchParams): number | undefined {
  const text = query.get('gracePeriodSeconds');
  if (text === null || text === '') return undefined;
  if (/^[+-]?\d{1,18}$/.test(text)) return Number(text);
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function flag(query: URLSearchParams): boolean | undefined {
  const text = query.get('orphanDependents');
  if (text === null || text === '') return undefined;
  return !['0', 'false'].includes(text.toLowerCase());
}

function validate(policy: string | undefined, orphan: boolean | undefined, dryRun: string[]): void {
  const errors: FieldError[] = [];
  if (policy !== undefined && orphan !== undefined) {
    errors.push({
      type: 'Invalid',
      field: 'propagationPolicy',
      message: `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`,
    });
  }
  if (policy !== undefined && !policies.includes(policy)) {
    errors.push({
      type: 'NotSupported',
      field: 'propagationPolicy',
      message: `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`,
    });
  }
  checkDryRun(dryRun, errors);
  if (errors.length > 0) throw invalid({ kind: 'DeleteOptions', group: 'meta.k8s.io' }, '', errors);
}
