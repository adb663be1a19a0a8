/** The programs of the tour, in the notes' order. */
export interface Program {
  title: string;
  /** Below examples/, without its ending. */
  file: string;
  /** The same program in Python, in examples/python/, where there is one. */
  python?: string;
}

export const programs: Program[] = [
  { title: 'subprocess: run a command', file: 'subprocess/call', python: 'call.py' },
  { title: 'subprocess: talk to a program', file: 'subprocess/communicate', python: 'communicate.py' },
  { title: 'subprocess: a pipeline without a shell', file: 'subprocess/pipeline' },
  { title: 'subprocess: lines as they come', file: 'subprocess/lines' },
  { title: 'subprocess: what goes wrong', file: 'subprocess/errors' },
];
