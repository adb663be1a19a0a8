/** For `stdin`, `stdout` and `stderr`: a new pipe to the child. */
export const PIPE = -1;
/** For `stderr`: the same place as `stdout`. */
export const STDOUT = -2;
/** For `stdin`, `stdout` and `stderr`: /dev/null. */
export const DEVNULL = -3;
/** What an option of `null` means: the child has the parent's. Known to the native side by this number. */
export const INHERIT = -4;
