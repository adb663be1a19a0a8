/** The jobs that have something to be sent: by priority, then in the order in which they came. */
import type { Job } from '../jobs/job.js';

interface Lane {
  readonly priority: number;
  jobs: Job[];
  head: number;
}

const WORTH_CUTTING = 1024;

export class JobQueue {
  /** The highest priority first. */
  readonly #lanes: Lane[] = [];

  push(job: Job): void {
    if (job.queued) return;
    job.queued = true;
    this.#lane(job.options.priority).jobs.push(job);
  }

  /** In front of those of its priority. */
  unshift(job: Job): void {
    if (job.queued) return;
    job.queued = true;
    const lane = this.#lane(job.options.priority);
    if (lane.head > 0) lane.jobs[--lane.head] = job;
    else lane.jobs.unshift(job);
  }

  #lane(priority: number): Lane {
    let index = this.#lanes.findIndex((lane) => lane.priority <= priority);
    if (index < 0) index = this.#lanes.length;
    let lane = this.#lanes[index];
    if (lane?.priority !== priority) {
      lane = { priority, jobs: [], head: 0 };
      this.#lanes.splice(index, 0, lane);
    }
    return lane;
  }

  /** The first that has something left; those that have nothing are taken out. */
  peek(): Job | undefined {
    for (let at = 0; at < this.#lanes.length; ) {
      const lane = this.#lanes[at] as Lane;
      while (lane.head < lane.jobs.length) {
        const job = lane.jobs[lane.head] as Job;
        if (job.left > 0) return job;
        job.queued = false;
        lane.head++;
        if (lane.head >= WORTH_CUTTING && lane.head * 2 > lane.jobs.length) {
          lane.jobs = lane.jobs.slice(lane.head);
          lane.head = 0;
        }
      }
      this.#lanes.splice(at, 1);
    }
    return undefined;
  }

  /** How many jobs are in it, those with nothing left included. */
  get size(): number {
    return this.#lanes.reduce((sum, { jobs, head }) => sum + jobs.length - head, 0);
  }

  *[Symbol.iterator](): Generator<Job> {
    for (const { jobs, head } of this.#lanes) yield* jobs.slice(head);
  }
}
