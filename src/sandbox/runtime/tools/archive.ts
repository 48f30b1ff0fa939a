import { buffer } from 'node:stream/consumers';
import { createTarDecoder, createTarPacker, type TarHeader, type TarPackController } from 'modern-tar';
import type { Sink, Source } from '../shell/streams.ts';

export type ArchiveHeader = TarHeader;

/** An entry of an archive that is being read; what is not taken of its content is skipped. */
export interface ReadEntry extends ArchiveHeader {
  /** Permission bits, without those that give a program its owner's rights. */
  mode: number;
  /** The content; more than `limit` bytes are thrown away and answered with undefined. */
  content(limit: number): Promise<Buffer | undefined>;
}

/**
 * The entries of an archive, one after another; throws for what is no archive or was cut off. Names and links are as the
 * archive has them: who places them checks them.
 */
export async function* readArchive(source: Source): AsyncGenerator<ReadEntry> {
  // Only the strict decoder refuses broken headers; the other looks for the next one that it understands.
  const entries = ReadableStream.from(source).pipeThrough(createTarDecoder({ strict: true }));
  try {
    for await (const { header, body } of entries) {
      const content = async (limit: number): Promise<Buffer | undefined> =>
        header.size > limit ? undefined : buffer(body).catch(inWordsOfTar);
      yield { ...header, mode: (header.mode ?? 0) & 0o777, content };
      if (!body.locked) await body.cancel();
    }
  } catch (error) {
    inWordsOfTar(error as Error);
  }
}

/** Throws the library's own errors as tar says them; others (a client that has gone) as they are. */
function inWordsOfTar(error: Error): never {
  if (/truncated/.test(error.message)) throw new Error('Unexpected EOF in archive', { cause: error });
  if (/^Invalid tar/.test(error.message))
    throw new Error('this does not look like a tar archive', { cause: error });
  throw error;
}

/** Bytes of an archive that are written at once. */
const CHUNK_BYTES = 32 * 1024;

/** Puts entries into an archive on `sink`, which `giveWay` waits for; rejects with what either throws. */
export async function writeArchive(
  sink: Pick<Sink, 'write'>,
  giveWay: () => Promise<void>,
  fill: (add: (header: ArchiveHeader, content: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  const { readable, controller } = createTarPacker();
  const out = new WritableStream<Uint8Array>({
    write: async (bytes) => {
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
        sink.write(bytes.subarray(at, at + CHUNK_BYTES));
      }
      await giveWay();
    },
  });
  const filled = fill((header, content) => addEntry(controller, header, content)).then(
    () => controller.finalize(),
    (error) => controller.error(error),
  );
  await Promise.all([readable.pipeTo(out), filled]);
}

async function addEntry(
  controller: TarPackController,
  header: ArchiveHeader,
  content: Uint8Array,
): Promise<void> {
  const body = controller.add(header).getWriter();
  if (content.length > 0) await body.write(content);
  await body.close();
}
