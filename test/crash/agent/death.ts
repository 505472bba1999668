import { spawnSync } from 'node:child_process'
import type { Job } from '../job.ts'
import type { Point } from '../points.ts'
import type { TruthFile } from '../truth.ts'

/** Called at every point; the process does not come back from the one where it is to die. */
export type Pass = (point: Point) => void

/** Kills this process, as `kill -9` does, or stops it, the given time it comes to the point of its job. */
export function deathAt({ dieAt, diesWith }: Job, truth: TruthFile): Pass {
  if (dieAt === undefined) return () => {}
  let times = 0
  return (point) => {
    if (point !== dieAt.point || ++times !== dieAt.time) return
    truth.write({ at: 'point', point })
    // By another process: process.kill() of one's own would run what is to be done at exit first.
    spawnSync('sh', ['-c', `kill -${dieAt.signal ?? 'KILL'} $PPID ${diesWith ?? ''}`])
  }
}
