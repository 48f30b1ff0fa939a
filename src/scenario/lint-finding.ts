import type { Path } from '../document/document.ts';

/** Something that leads nowhere, before it has its place. */
export interface Finding {
  path: Path;
  /** It is the key that is wrong, not its value. */
  key?: boolean;
  code: string;
  message: string;
  todo?: string;
}
