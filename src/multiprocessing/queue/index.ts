export { QueueClosed, QueueEmpty, QueueFull, QueueShutDown } from '../../errors.js';
export { JoinableQueue, Queue, type QueueOptions, SimpleQueue } from './queue.js';
