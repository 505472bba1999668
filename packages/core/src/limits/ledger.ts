import type {
  Admission,
  AdmissionRequest,
  BudgetClaim,
  CircuitRules,
  Holding,
  RateClaim,
  Refusal,
  Settlement,
} from './limit-store.ts'

/** What the rows of a ledger are about. */
export type LimitKind = 'circuit' | 'budget' | 'slots' | 'rate' | 'settled'

/** Where a ledger keeps its rows. Rows are plain values; one that has expired may be gone. */
export interface LimitTable {
  get(kind: LimitKind, key: string): unknown
  set(kind: LimitKind, key: string, row: unknown, expiresAtMs: number): void
  delete(kind: LimitKind, key: string): void
}

/**
 * The decisions behind a limit store whose state is at hand: each function reads and writes a table and is over before
 * anybody else gets at it. Redis takes the same decisions in its scripts; one conformance suite holds them together.
 */
export function admit(table: LimitTable, request: AdmissionRequest, now: number): Admission {
  const { id, leaseMs, circuit, rates = [], slots = [], budgets = [] } = request
  const circuitRow = circuit === undefined ? undefined : circuitAt(table, circuit)
  const probe = circuitRow?.openUntilMs !== undefined
  if (circuit !== undefined && probe) {
    const retryInMs = closedForMs(circuitRow, now)
    if (retryInMs > 0) return refused('circuit', circuit, retryInMs)
  }
  const charges: { readonly claim: BudgetClaim; readonly account: Account }[] = []
  for (const claim of budgets) {
    const { key, limit, amount, periodMs } = claim
    const account = accountAt(table, claim, now)
    charges.push({ claim, account })
    if (account.spent + reserved(account) + amount <= limit) continue
    const retryInMs = periodMs === undefined ? Infinity : periodMs - (now % periodMs)
    return { ...refused('budget', key, retryInMs), spent: account.spent + reserved(account) }
  }
  const places: { readonly key: string; readonly leases: Lease[] }[] = []
  for (const { key, max } of slots) {
    const leases = leasesAt(table, key, now)
    places.push({ key, leases })
    if (leases.length < max) continue
    const first = leases.reduce((least, { untilMs }) => Math.min(least, untilMs), Infinity)
    return refused('concurrency', key, first - now)
  }
  const dues: { readonly claim: RateClaim; readonly arrivalMs: number }[] = []
  let longestMs = 0
  let slowest: RateClaim | undefined
  for (const claim of rates) {
    const arrivalMs = arrivalAt(table, claim, now)
    dues.push({ claim, arrivalMs })
    const ms = waitMs(claim, arrivalMs, now)
    if (ms <= longestMs) continue
    longestMs = ms
    slowest = claim
  }
  if (slowest !== undefined) return refused('rate', slowest.key, longestMs)

  const untilMs = now + leaseMs
  if (circuit !== undefined && circuitRow !== undefined && probe) {
    setCircuit(table, circuit, { ...circuitRow, probe: id, probeUntilMs: untilMs })
  }
  for (const { claim, account } of charges) {
    take(account.open, id, untilMs).amount = claim.amount
    setAccount(table, claim, account, now)
  }
  for (const { key, leases } of places) {
    take(leases, id, untilMs)
    table.set('slots', key, leases, lastOf(leases))
  }
  for (const { claim, arrivalMs } of dues) {
    setArrival(table, claim.key, arrivalMs + lengthMs(claim, claim.cost))
  }
  return { admitted: true, probe, failures: circuitRow?.failures ?? 0 }
}

/** Says what requests really took, and gives back the rest; once for each batch. */
export function settle(
  table: LimitTable,
  batch: string | undefined,
  settlements: readonly Settlement[],
  now: number,
): void {
  if (batch !== undefined) {
    if (table.get('settled', batch) !== undefined) return
    table.set('settled', batch, true, now + batchMs)
  }
  for (const settlement of settlements) settleOne(table, settlement, now)
}

function settleOne(table: LimitTable, settlement: Settlement, now: number): void {
  const { id, rates = [], slots = [], budgets = [] } = settlement
  for (const claim of rates) {
    const difference = claim.used - claim.cost
    if (difference === 0) continue
    const arrival = arrivalAt(table, claim, now) + lengthMs(claim, difference)
    setArrival(table, claim.key, arrival)
  }
  for (const { key } of slots) {
    const leases = leasesAt(table, key, now)
    drop(leases, id)
    table.set('slots', key, leases, lastOf(leases))
  }
  for (const claim of budgets) {
    const account = accountAt(table, claim, now)
    // Also where the reservation has expired: what was spent was spent.
    drop(account.open, id)
    account.spent += claim.used
    setAccount(table, claim, account, now)
  }
}

/** Keeps what a request holds for another lease. What had expired is taken again: it is still in use. */
export function renew(table: LimitTable, holding: Holding, now: number): void {
  const { id, leaseMs, circuit, slots = [], budgets = [] } = holding
  const untilMs = now + leaseMs
  if (circuit !== undefined) {
    const row = circuitAt(table, circuit)
    if (row?.probe === id) setCircuit(table, circuit, { ...row, probeUntilMs: untilMs })
  }
  for (const { key } of slots) {
    const leases = leasesAt(table, key, now)
    take(leases, id, untilMs)
    table.set('slots', key, leases, lastOf(leases))
  }
  for (const claim of budgets) {
    const account = accountAt(table, claim, now)
    take(account.open, id, untilMs).amount = claim.amount
    setAccount(table, claim, account, now)
  }
}

/** Counts a failure. True when it opened the circuit. */
export function circuitFailed(
  table: LimitTable,
  key: string,
  id: string,
  { failures, openMs, maxOpenMs }: CircuitRules,
  now: number,
): boolean {
  const row = circuitAt(table, key)
  if (row?.openUntilMs !== undefined) {
    if (row.probe !== id) return false
    const longer = Math.min(row.openMs * 2, maxOpenMs)
    setCircuit(table, key, {
      failures: row.failures,
      openUntilMs: now + longer,
      openMs: longer,
    })
    return false
  }
  const inARow = (row?.failures ?? 0) + 1
  if (inARow < failures) {
    table.set('circuit', key, { failures: inARow, openMs }, now + keepMs)
    return false
  }
  setCircuit(table, key, { failures: inARow, openUntilMs: now + openMs, openMs })
  return true
}

/** Forgets failures in a row; closes an open circuit where the request was its probe. */
export function circuitSucceeded(table: LimitTable, key: string, id: string): void {
  const row = circuitAt(table, key)
  if (row === undefined || (row.openUntilMs !== undefined && row.probe !== id)) return
  table.delete('circuit', key)
}

/** How long rows are kept that nobody needs at the moment, such as a circuit's failures in a row. */
const keepMs = 3_600_000
/** How long a batch of settlements is remembered. */
const batchMs = 600_000

function refused(by: Refusal['by'], key: string, retryInMs: number): Refusal {
  return { admitted: false, by, key, retryInMs }
}

interface CircuitRow {
  readonly failures: number
  readonly openMs: number
  /** Undefined while the circuit is closed. */
  readonly openUntilMs?: number
  readonly probe?: string
  readonly probeUntilMs?: number
}

function circuitAt(table: LimitTable, key: string): CircuitRow | undefined {
  return table.get('circuit', key) as CircuitRow | undefined
}

function setCircuit(table: LimitTable, key: string, row: CircuitRow): void {
  table.set('circuit', key, row, (row.probeUntilMs ?? row.openUntilMs ?? 0) + keepMs)
}

/** How long an open circuit lets nobody through; 0 where somebody may try. */
function closedForMs({ openUntilMs = 0, probeUntilMs = 0 }: CircuitRow, now: number): number {
  if (now < openUntilMs) return openUntilMs - now
  // One request tries; it may be done long before its lease.
  return Math.min(Math.max(probeUntilMs - now, 0), 1_000)
}

/** Something that a request holds until it ends, at the latest. */
interface Lease {
  readonly id: string
  untilMs: number
  /** Of a reservation. */
  amount?: number
}

/** Drops what has ended. In place, and without a look back: most have one row, and none has thousands. */
function dropEnded(leases: Lease[], now: number): Lease[] {
  for (let at = leases.length - 1; at >= 0; at--) {
    if ((leases[at]?.untilMs ?? 0) <= now) dropAt(leases, at)
  }
  return leases
}

function drop(leases: Lease[], id: string): void {
  for (let at = leases.length - 1; at >= 0; at--) {
    if (leases[at]?.id === id) return dropAt(leases, at)
  }
}

/** The last one takes its place: they have no order. */
function dropAt(leases: Lease[], at: number): void {
  const last = leases.pop()
  if (last !== undefined && at < leases.length) leases[at] = last
}

/** The lease of a request, for so long; a new one where it has none. */
function take(leases: Lease[], id: string, untilMs: number): Lease {
  for (const lease of leases) {
    if (lease.id !== id) continue
    lease.untilMs = untilMs
    return lease
  }
  const lease = { id, untilMs }
  leases.push(lease)
  return lease
}

function lastOf(leases: readonly Lease[]): number {
  let last = 0
  for (const { untilMs } of leases) if (untilMs > last) last = untilMs
  return last
}

interface Account {
  /** Which period this is. */
  period: number
  spent: number
  /** What is reserved. */
  readonly open: Lease[]
}

function accountAt(table: LimitTable, { key, periodMs }: BudgetClaim, now: number): Account {
  const period = periodMs === undefined ? 0 : Math.floor(now / periodMs)
  const row = table.get('budget', key) as Account | undefined
  if (row === undefined) return { period, spent: 0, open: [] }
  dropEnded(row.open, now)
  if (row.period !== period) row.spent = 0
  row.period = period
  return row
}

function setAccount(
  table: LimitTable,
  { key, periodMs, keepMs = Infinity }: BudgetClaim,
  account: Account,
  now: number,
): void {
  const endMs = periodMs === undefined ? now + keepMs : (account.period + 1) * periodMs
  table.set('budget', key, account, Math.max(endMs, lastOf(account.open)))
}

function reserved({ open }: Account): number {
  return open.reduce((sum, { amount = 0 }) => sum + amount, 0)
}

/** Who holds a slot, and until when. */
function leasesAt(table: LimitTable, key: string, now: number): Lease[] {
  return dropEnded((table.get('slots', key) as Lease[] | undefined) ?? [], now)
}

/** When the next unit would be due if everybody kept to the rate: the state of the generic cell rate algorithm. */
function arrivalAt(table: LimitTable, { key }: RateClaim, now: number): number {
  return Math.max((table.get('rate', key) as number | undefined) ?? now, now)
}

function setArrival(table: LimitTable, key: string, arrivalMs: number): void {
  table.set('rate', key, arrivalMs, arrivalMs)
}

/** How much time of the rate so much takes; in steps that a time of today holds exactly, so that sums are exact. */
function lengthMs({ limit, periodMs }: RateClaim, cost: number): number {
  return Math.floor(((cost * periodMs) / limit) * 4096) / 4096
}

function waitMs(claim: RateClaim, arrivalMs: number, now: number): number {
  const { burst, cost } = claim
  // Nothing is owed, so that all of the burst is there.
  if (arrivalMs <= now && cost <= burst) return 0
  return arrivalMs + lengthMs(claim, Math.min(cost, burst)) - lengthMs(claim, burst) - now
}
