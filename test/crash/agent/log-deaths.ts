import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { StatementSync } from 'node:sqlite'
import type { Point } from '../points.ts'
import type { Pass } from './death.ts'

/** Lets the process come to the points that lie inside of the SQLite store: half a record, and half a takeover. */
export function passInsideOfStore(point: Point | undefined, pass: Pass): void {
  if (point === 'record-torn') tearRecords(pass)
  if (point === 'adopt-middle') passInAdoption(pass)
}

/** What is written to a log is written in two pieces, with the point in between. */
function tearRecords(pass: Pass): void {
  const write = fs.writeSync
  const torn = (file: number, content: unknown, ...where: unknown[]): number => {
    const [offset, length, position] = where as number[]
    // Only logs are written at a position.
    if (offset === undefined || length === undefined || typeof position !== 'number') {
      return Reflect.apply(write, fs, [file, content, ...where])
    }
    const half = length >> 1
    write(file, content as Buffer, offset, half, position)
    pass('record-torn')
    return half + write(file, content as Buffer, offset + half, length - half, position + half)
  }
  fs.writeSync = torn
  syncBuiltinESMExports()
}

/** What another owner has recorded is copied, and the transaction is not over. */
function passInAdoption(pass: Pass): void {
  const { prototype } = StatementSync
  // oxlint-disable-next-line typescript/unbound-method -- called on its statement
  const { run } = prototype
  prototype.run = function passing(this: StatementSync, ...values: never[]) {
    const result = Reflect.apply(run, this, values) as ReturnType<typeof run>
    if (this.sourceSQL.startsWith('INSERT INTO journal_chunk')) pass('adopt-middle')
    return result
  }
}
