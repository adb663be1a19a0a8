// Ends at once: what child_process.fork and Worker are given to run.
export {};
