export { type Context, getAllStartMethods, getContext, getStartMethod, setStartMethod } from './context.js';
export { activeChildren, cpuCount, currentProcess, type ParentProcess, parentProcess } from './current.js';
export { ProcessEndedError, ProcessError } from './errors.js';
export type { StartMethod } from './popen.js';
export { Process, type ProcessOptions } from './process.js';
