export type { ShareableItem } from './items.js';
export { ShareableList, type ShareableListOptions } from './shareable-list.js';
export { SharedMemory, type SharedMemoryOptions } from './shared-memory.js';
