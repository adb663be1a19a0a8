/** The messages that all contenders send, and how many of each make a sample. */
export const KINDS = ['number', 'string', 'object', 'buffer'] as const;
export type Kind = (typeof KINDS)[number];

export const TITLES: Record<Kind, string> = {
  number: 'small numbers',
  string: '16-character strings',
  object: '1 KB objects',
  buffer: '1 MB buffers',
};

export const COUNTS: Record<Kind, number> = {
  number: 400_000,
  string: 400_000,
  object: 100_000,
  buffer: 600,
};

export function messageOf(kind: Kind): unknown {
  switch (kind) {
    case 'number':
      return 7;
    case 'string':
      return '0123456789abcdef';
    case 'object':
      return { id: 1234, name: 'somebody', tags: ['a', 'b', 'c'], ok: true, text: 'x'.repeat(950) };
    case 'buffer':
      return new Uint8Array(1 << 20).fill(7);
  }
}

/** How many of the large ones are on their way at a time. */
export const LARGE_UNDER_WAY = 8;
