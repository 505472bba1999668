import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { sqliteIsWhole } from '../stores.ts'
import { failuresOf, lossesOf, runOn, untilDone } from './scenario.ts'
import type { Scenario, Stage } from './scenario.ts'

const roomBytes = [96, 128, 192, 256].map((kilobytes) => kilobytes * 1024)

/** The disk of the journal has no room left, and gets some. */
export const diskFull: Scenario = {
  name: 'disk full',
  promise: 'no tool runs unrecorded; the file stays whole, and the run goes on once there is room',
  async play(stage) {
    const findings: string[] = []
    for (const bytes of roomBytes) {
      const name = `disk-full-${bytes}`
      const disk = smallDisk(stage, name, bytes)
      try {
        const storeAt = join(disk.folder, 'journal', 'journal.db')
        const run = runOn(stage, name, storeAt)
        const { end } = await run.live({}, disk.limits)
        if (end !== 'failed') findings.push(`${name}: ${end} with no room`)
        const [code = 'nothing'] = failuresOf(run)
        if (code !== 'JOURNAL_UNUSABLE') findings.push(`${name}: ended with ${code}`)
        if (!sqliteIsWhole(storeAt, stage.folder)) findings.push(`${name}: the file is broken`)
        disk.makeRoom()
        if ((await untilDone(run)) === 0) findings.push(`${name}: never done`)
        // What the model said when there was no room is asked again: records are open, effects are not.
        findings.push(...lossesOf(name, run.end(), { lostSteps: 1, excessRequests: 1 }))
        if (!sqliteIsWhole(storeAt, stage.folder)) findings.push(`${name}: the file is broken`)
      } finally {
        disk.close()
      }
    }
    return { times: roomBytes.length, findings }
  },
}

interface SmallDisk {
  readonly folder: string
  readonly limits: { readonly mostFileBytes?: number }
  makeRoom(): void
  close(): void
}

/** A file system in memory with little room; where none may be mounted, a process that may not write more. */
function smallDisk({ folder: parent }: Stage, name: string, bytes: number): SmallDisk {
  const folder = join(parent, name)
  mkdirSync(folder)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    return { folder, limits: { mostFileBytes: bytes }, makeRoom() {}, close() {} }
  }
  const filler = join(folder, 'filler')
  const file = openSync(filler, 'w')
  writeSync(file, Buffer.alloc(4 * 1024 * 1024 - bytes))
  closeSync(file)
  return {
    folder,
    limits: {},
    makeRoom: () => rmSync(filler),
    close: () => void execFileSync('umount', [folder]),
  }
}
