// A file of its own, loaded when it is needed: of a CommonJS package that is bundled and imported later, only `default` is there.
import { generate } from 'selfsigned';

/** A key and a certificate for localhost and 127.0.0.1, as PEM. */
export function ownCertificate(): ReturnType<typeof generate> {
  return generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
}
