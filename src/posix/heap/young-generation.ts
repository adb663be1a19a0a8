/**
 * What is young at a fork is moved by the next scavenge, on both sides, and each side gets a copy of its own of it and
 * of where it was. So a large young generation is made old before the fork, once for all forks that follow.
 */
import { getHeapSpaceStatistics } from 'node:v8';
import { collector } from './collector.js';

const LARGE = 4 * 1024 * 1024;

function usedByYoung(): number {
  let used = 0;
  for (const space of getHeapSpaceStatistics()) {
    if (space.space_name === 'new_space' || space.space_name === 'new_large_object_space')
      used += space.space_used_size;
  }
  return used;
}

/** Before a fork: what survives two scavenges is old. A small young generation is left as it is. */
export function ageYoungGeneration(): void {
  for (let i = 0; i < 2 && usedByYoung() > LARGE; i++) collector()({ type: 'minor' });
}
