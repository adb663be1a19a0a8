/** A line between a pool and one of its workers. Messages arrive whole and in order. */
export interface Line {
  /** Never blocks. Throws `DataCloneError` for what can't travel; then nothing was sent. */
  send(message: readonly unknown[]): void;
  /** Whether arriving messages are waited for on the event loop, which they keep alive then. */
  hold(on: boolean): void;
  /** Takes in what has arrived, sends what still had to be sent. */
  pump(): void;
  /** Whether something could not be sent yet. */
  readonly sending: boolean;
  close(): void;
}

export interface LineEvents {
  message(message: unknown[]): void;
  /** The other end is closed, or what came from it could not be read. Called once; not after `close`. */
  end(error?: Error): void;
}
