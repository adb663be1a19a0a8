export type { Address, Family } from './address.js';
export { Client, type ClientOptions, ClientSync } from './client.js';
export { Connection, type ConnectionOptions } from './connection.js';
export { AuthenticationError, EOFError } from './errors.js';
export { Listener, type ListenerOptions } from './listener.js';
export type { RecvBytesOptions, SendBytesOptions, WaitOptions } from './options.js';
export { Pipe, type PipeOptions } from './pipe.js';
export { connectionWait, connectionWaitSync, type Waitable } from './wait.js';
