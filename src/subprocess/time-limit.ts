/** Waiting for a promise, but not longer than a time. */

// The longest time that setTimeout takes; longer ones are for ever, some 25 days.
const LONGEST = 0x7fffffff;

/** True when the promise was fulfilled in time. What is ready when the time is over counts as in time. */
export async function within(promise: Promise<unknown>, timeout: number): Promise<boolean> {
  if (timeout > LONGEST) {
    await promise;
    return true;
  }
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<false>((resolve) => {
    timer = setTimeout(() => {
      // The loop may have been busy elsewhere: let it hear of what has happened meanwhile.
      setImmediate(resolve, false);
    }, timeout);
  });
  try {
    return await Promise.race([promise.then(() => true), expired]);
  } finally {
    clearTimeout(timer);
  }
}
