import { createHash } from 'node:crypto'
import { HoldfastError } from '../errors.ts'
import type {
  ApprovalDecision,
  ApprovalRecord,
  AskApproval,
  AskedApproval,
  BoundCall,
  StickyDecision,
} from './approval-store.ts'

/** The rows of a store while it decides: nobody else changes them meanwhile, or what is put is not kept. */
export interface ApprovalTable {
  find(id: string): ApprovalRecord | undefined
  /** Records asked about this call or good for it that are not used up, and how many it was ever asked about. */
  of(call: BoundCall): { readonly live: readonly ApprovalRecord[]; readonly asked: number }
  put(record: ApprovalRecord): void
}

/** Names a call of a run: the same tool with the same arguments. */
export function callKey({ runId, tool, argumentsHash }: BoundCall): string {
  return createHash('sha256').update([runId, tool, argumentsHash].join('\0')).digest('hex')
}

/** The keys that a record is found by: of what was asked, and of what may be executed where that is another call. */
export function keysOf(record: ApprovalRecord): readonly string[] {
  const { approvedHash, argumentsHash } = record
  const asked = callKey(record)
  if (approvedHash === undefined || approvedHash === argumentsHash) return [asked]
  return [asked, callKey({ ...record, argumentsHash: approvedHash })]
}

/** The record as it stands at that time: silence is an answer, and answers do not stand for ever. */
export function standing(record: ApprovalRecord, nowMs: number): ApprovalRecord {
  const { state, expiresAtMs, lifetimeMs, atExpiry, argumentsHash } = record
  if (nowMs < expiresAtMs) return record
  if (state === 'approved') return { ...record, state: 'expired', approvedHash: undefined }
  if (state !== 'pending') return record
  return {
    ...record,
    state: 'expired',
    decidedBy: 'expiry',
    decidedAtMs: expiresAtMs,
    expiresAtMs: expiresAtMs + lifetimeMs,
    ...(atExpiry === 'allow' ? { approvedHash: argumentsHash } : {}),
  }
}

/** True where the call may be executed, unless somebody else has used the approval up. */
export function isApproved({ state, approvedHash }: ApprovalRecord): boolean {
  return approvedHash !== undefined && (state === 'approved' || state === 'expired')
}

/** Joins the question of a call or makes it. */
export function ask(table: ApprovalTable, asked: AskApproval, nowMs: number): AskedApproval {
  const { id, question, lifetimeMs, atExpiry, except = [], answer } = asked
  const { live, asked: count } = table.of(question)
  const open = live
    .filter((one) => one.argumentsHash === question.argumentsHash && !except.includes(one.id))
    .map((one) => standing(one, nowMs))
    .filter((one) => nowMs < one.expiresAtMs)
    .toSorted((one, other) => rank(one) - rank(other) || one.ordinal - other.ordinal)
  const [first] = open
  if (first !== undefined && (answer === undefined || isApproved(first))) {
    return { record: first, isNew: false }
  }
  const waiting = open.find(({ state }) => state === 'pending')
  const record = waiting ?? {
    ...question,
    id,
    ordinal: count + 1,
    state: 'pending' as const,
    atExpiry,
    createdAtMs: nowMs,
    lifetimeMs,
    expiresAtMs: nowMs + lifetimeMs,
  }
  const put = answer === undefined ? record : decided(record, answer, nowMs)
  table.put(put)
  return { record: put, isNew: waiting === undefined }
}

/** Answers a question, once. */
export function decide(
  table: ApprovalTable,
  id: string,
  decision: ApprovalDecision,
  nowMs: number,
): ApprovalRecord {
  const record = known(table, id, nowMs)
  if (record.state !== 'pending') throw alreadyDecided(record)
  const put = decided(record, decision, nowMs)
  table.put(put)
  return put
}

/** Turns an approval that was not used into a denial. */
export function withdraw(
  table: ApprovalTable,
  id: string,
  { by, reason }: { readonly by: string; readonly reason: string },
  nowMs: number,
): ApprovalRecord {
  const record = known(table, id, nowMs)
  if (!isApproved(record)) throw alreadyDecided(record)
  const put = decided(record, { verdict: 'denied', by, reason }, nowMs)
  table.put(put)
  return put
}

/** Uses up an approval of exactly this call, the oldest one. */
export function redeem(
  table: ApprovalTable,
  call: BoundCall,
  nowMs: number,
): ApprovalRecord | undefined {
  const [record] = table
    .of(call)
    .live.map((one) => standing(one, nowMs))
    .filter(
      (one) =>
        isApproved(one) && one.approvedHash === call.argumentsHash && nowMs < one.expiresAtMs,
    )
    .toSorted((one, other) => one.createdAtMs - other.createdAtMs || one.ordinal - other.ordinal)
  if (record === undefined) return undefined
  const used: ApprovalRecord = { ...record, state: 'used', usedAtMs: nowMs }
  table.put(used)
  return used
}

/** True for what nobody needs any more. */
export function isForgettable(record: ApprovalRecord, beforeMs: number, nowMs: number): boolean {
  const { state, expiresAtMs } = standing(record, nowMs)
  return record.createdAtMs < beforeMs && (state === 'used' || expiresAtMs <= nowMs)
}

/** The same for a sticky decision. */
export function isStickyForgettable(decision: StickyDecision, beforeMs: number): boolean {
  const { scope, createdAtMs, revokedAtMs } = decision
  return (revokedAtMs ?? (scope === 'run' ? createdAtMs : Infinity)) < beforeMs
}

/** What is told where no record has that id. */
export function unknownApproval(id: string): HoldfastError {
  return new HoldfastError('APPROVAL_UNKNOWN', `there is no approval ${id}`)
}

/** What can be used comes first, then what is open; who was denied is denied again. */
function rank(record: ApprovalRecord): number {
  return isApproved(record) ? 0 : record.state === 'pending' ? 1 : 2
}

function known(table: ApprovalTable, id: string, nowMs: number): ApprovalRecord {
  const record = table.find(id)
  if (record === undefined) throw unknownApproval(id)
  return standing(record, nowMs)
}

function decided(
  record: ApprovalRecord,
  decision: ApprovalDecision,
  nowMs: number,
): ApprovalRecord {
  const { stickyId, by } = decision
  const common = {
    ...record,
    decidedBy: by,
    decidedAtMs: nowMs,
    expiresAtMs: nowMs + record.lifetimeMs,
    ...(stickyId === undefined ? {} : { stickyId }),
  }
  if (decision.verdict === 'denied') {
    const { reason } = decision
    return { ...common, state: 'denied', denialReason: reason, approvedHash: undefined }
  }
  const { edited } = decision
  return {
    ...common,
    state: 'approved',
    approvedHash: edited?.hash ?? record.argumentsHash,
    ...(edited === undefined ? {} : { editedText: edited.text }),
  }
}

function alreadyDecided({ id, tool, state, decidedBy, decidedAtMs }: ApprovalRecord) {
  const when = decidedAtMs === undefined ? '' : ` at ${new Date(decidedAtMs).toISOString()}`
  const who =
    decidedBy === 'expiry'
      ? `nobody answered in time, which ended${when}`
      : `it was ${state} before, by ${decidedBy ?? 'somebody'}${when}`
  return new HoldfastError('APPROVAL_DECIDED', `approval ${id} of tool ${tool}: ${who}`)
}
