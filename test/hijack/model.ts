import type { LabRequest, Step } from '@holdfast/lab'
import { lastStep } from './plan.ts'
import type { Job } from './plan.ts'

/**
 * The model of all jobs: each request names its job, and gets the job's next reply whatever became of the one before.
 * A refusal, an error or another question does not stop it.
 */
export class HijackedModel {
  readonly #jobs: ReadonlyMap<number, Job>
  readonly #served = new Map<number, number>()

  constructor(jobs: readonly Job[]) {
    this.#jobs = new Map(jobs.map((job) => [job.id, job]))
  }

  /** The script for the lab. */
  readonly answer = ({ bodyText }: LabRequest): Step => {
    const id = Number(/hijack job (\d+)/.exec(bodyText)?.[1])
    const job = this.#jobs.get(id)
    if (job === undefined) throw new Error('a request that names no job')
    const served = this.served(job)
    const reply = job.replies[served]
    if (reply === undefined) return lastStep(job)
    this.#served.set(id, served + 1)
    return reply.step
  }

  /** How many of a job's replies are out. */
  served(job: Job): number {
    return this.#served.get(job.id) ?? 0
  }
}

/** The question that names a job. */
export function questionOf(job: Job): string {
  return `Do what is to be done (hijack job ${job.id}).`
}
