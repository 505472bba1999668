import { resolve } from 'node:path'
import { atExit, claimFolder, HoldfastError } from '@holdfast/core'
import { AnchorKeeper } from '../anchor/anchor-keeper.ts'
import type { AnchorIntervals } from '../anchor/anchor-keeper.ts'
import { openAnchor } from '../anchor/anchor.ts'
import type { AnchorPlace } from '../anchor/anchor.ts'
import { signHead } from '../anchor/head.ts'
import type { AuditHead } from '../anchor/head.ts'
import type { AuditEntry } from '../entry.ts'
import { readKey } from '../key.ts'
import type { AuditKey } from '../key.ts'
import { Segment } from './segment.ts'

export interface AuditLogOptions {
  /** Made where it is missing, for this user alone. */
  readonly folder: string
  /** Signs rows and heads: who has no key cannot write them anew. @default none */
  readonly key?: AuditKey | undefined
  /** Where heads of the log go, so that a tail that was cut is found. @default nowhere */
  readonly anchor?: AnchorPlace | (AnchorIntervals & { readonly to: AnchorPlace }) | undefined
  /** A file that has become so long is followed by another one. @default 64 MiB */
  readonly maxFileBytes?: number | undefined
  /** Told what does not stop the work: a head that could not be taken away. */
  readonly alarm?: (error: unknown) => void
  readonly now?: () => number
}

/** What this process has to say of what was decided in it. */
export interface AuditLog {
  /**
   * Writes a row; it outlives the process when this returns.
   * @throws HoldfastError AUDIT_UNUSABLE where it could not be written. How many were lost is written with the next one.
   */
  append(entry: AuditEntry): void
  /** Writes that this process is done, and takes the last head away. */
  close(): Promise<void>
}

/**
 * Opens a log that this process appends to. Many processes may use one folder: each has its own chain, and says at its
 * beginning how far the others had come.
 * @throws HoldfastError STORE_UNUSABLE for a folder that others may write to, OPTIONS_INVALID for a wrong key or anchor
 */
export function auditLog(options: AuditLogOptions): AuditLog {
  const { maxFileBytes = 64 * 1024 ** 2, now = Date.now, alarm = () => {} } = options
  const folder = resolve(options.folder)
  const key = options.key === undefined ? undefined : readKey(options.key)
  const { to, ...intervals } =
    typeof options.anchor === 'object' ? options.anchor : { to: options.anchor }
  const anchor = to === undefined ? undefined : openAnchor(to)
  claimFolder(folder)
  const segment = open()
  const keeper =
    anchor === undefined ? undefined : new AnchorKeeper(anchor, intervals, headNow, alarm)
  // The first head right away: a segment that is taken away as a whole is missed.
  keeper?.rowWritten()
  keeper?.take()

  let lost: { rows: number; since: string } | undefined
  let isClosed = false

  function open(): Segment {
    try {
      return new Segment({ folder, key, maxBytes: maxFileBytes, now })
    } catch (cause) {
      if (HoldfastError.is(cause)) throw cause
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new HoldfastError('AUDIT_UNUSABLE', `the audit log cannot be opened: ${why}`, { cause })
    }
  }

  function headNow(): AuditHead {
    return signHead(segment.end, new Date(now()).toISOString(), key)
  }

  function write(row: Parameters<Segment['append']>[0]): void {
    try {
      if (lost !== undefined) {
        segment.append({ kind: 'rows-lost', ...lost })
        lost = undefined
        keeper?.rowWritten()
      }
      segment.append(row)
    } catch (error) {
      lost ??= { rows: 0, since: new Date(now()).toISOString() }
      lost.rows++
      throw error
    }
    keeper?.rowWritten()
  }

  /** What can be done at the end of the process, too. */
  function end(): void {
    if (isClosed) return
    isClosed = true
    forgetExit()
    try {
      write({ kind: 'segment-closed' })
    } catch (error) {
      alarm(error)
    }
    keeper?.take()
    segment.close()
  }
  const forgetExit = atExit(end)

  return {
    append(entry) {
      if (isClosed) throw new HoldfastError('AUDIT_UNUSABLE', 'the audit log is closed')
      write(entry)
    },
    async close() {
      end()
      await keeper?.end()
    },
  }
}
