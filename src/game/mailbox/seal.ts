import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';

/** Keys of one side: a game's for its mailbox, a responder's for as long as they take part. */
export interface Keys {
  /** X25519, base64url (RFC 8037). */
  readonly public: string;
  readonly private: KeyObject;
}

/** Closes and opens what the two sides of a mailbox say to each other; nobody else can. */
export interface Seal {
  /** `label` is what it is for, so that one text cannot be passed off as another. */
  close(text: string, label: string): Buffer;
  /** Throws an Error if it was not closed by the other side for this label, or is larger than 16 MiB. */
  open(sealed: Buffer, label: string): string;
}

export function newKeys(): Keys {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  return { public: publicKey.export({ format: 'jwk' }).x!, private: privateKey };
}

/** The same for both sides: `own` is one of the two public keys. Throws an Error if the other is not one. */
export function sealBetween(own: Keys, { mailbox, responder }: { mailbox: string; responder: string }): Seal {
  const x = own.public === mailbox ? responder : mailbox;
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
  const secret = diffieHellman({ privateKey: own.private, publicKey });
  const key = Buffer.from(hkdfSync('sha256', secret, '', `desk 1 ${mailbox} ${responder}`, 32));
  return {
    close(text, label) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(label));
      const body = Buffer.concat([cipher.update(gzipSync(text)), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]);
    },
    open(sealed, label) {
      const nonce = sealed.subarray(0, nonceBytes);
      const tag = sealed.subarray(nonceBytes, nonceBytes + tagBytes);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
        .setAAD(Buffer.from(label))
        .setAuthTag(tag);
      const body = Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]);
      return gunzipSync(body, { maxOutputLength: largestText }).toString('utf8');
    },
  };
}

const nonceBytes = 12;
const tagBytes = 16;
/** Of what is closed, bytes. */
export const largestText = 16 * 1024 * 1024;
