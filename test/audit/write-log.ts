import { auditLog } from '@holdfast/audit'
import type { AuditEntry } from '@holdfast/audit'
import type { Random } from './random.ts'

export interface LogToWrite {
  readonly folder: string
  readonly anchor?: string | undefined
  readonly key?: string | undefined
  readonly rows: number
  /** Small enough that the log has several parts. */
  readonly maxFileBytes?: number
}

/** Writes a log of one process, as its options say, and ends it. */
export async function writeLog(log: LogToWrite, random: Random): Promise<void> {
  const { folder, anchor, key, maxFileBytes } = log
  const written = auditLog({
    folder,
    key,
    anchor: anchor === undefined ? undefined : { to: anchor, everyRows: 1 + random(20) },
    ...(maxFileBytes === undefined ? {} : { maxFileBytes }),
  })
  for (let count = 0; count < log.rows; count++) written.append(anEntry(random))
  await written.close()
}

/** An entry of any kind. */
export function anEntry(random: Random): AuditEntry {
  const pick = <T>(values: readonly T[]): T => values[random(values.length)] as T
  const who = { tenant: 'acme', user: pick(['ada', 'bob']), agent: pick(['clerk', 'Prüfer']) }
  const call = `call-${random(1_000_000)}`
  const name = pick(['send_email', 'read_file', 'run "it"', 'выполнить'])
  const argumentsHash = 'ab12'.repeat(16)
  switch (random(3)) {
    case 0:
      return { kind: 'tool-started', ...who, call, name, framework: 'langgraph', argumentsHash }
    case 1:
      return { kind: 'tool-ended', call, name, outcome: 'done', tookMs: random(500) }
    default:
      return {
        kind: 'decision-made',
        ...who,
        call,
        policy: 'tools.gate',
        verdict: pick(['allow', 'deny', 'ask']),
        enforced: true,
        rule: pick(['shell.recursive-delete', 'url.private-address']),
        version: '1',
        reason: pick(['it deletes files', 'the address is private: 10.0.0.0/8', 'größer als 5 €']),
        subject: 'tool',
        name,
        data: pick([[], ['email'], ['email', 'iban']]),
        argumentsHash,
      }
  }
}
