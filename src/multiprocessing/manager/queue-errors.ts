import { ProngError } from '../../errors.js';
import { registerErrorClass } from '../serialize/index.js';

export class QueueEmpty extends ProngError {
  constructor(message = 'the queue is empty', options?: ErrorOptions) {
    super('ERR_QUEUE_EMPTY', message, options);
  }
}

export class QueueFull extends ProngError {
  constructor(message = 'the queue is full', options?: ErrorOptions) {
    super('ERR_QUEUE_FULL', message, options);
  }
}

registerErrorClass(QueueEmpty);
registerErrorClass(QueueFull);
