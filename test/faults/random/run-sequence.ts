import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { startLab } from '@holdfast/lab'
import type { Lab, Step } from '@holdfast/lab'
import { answerText, ports } from '../cell-lab.ts'
import type { Said } from '../clients/client.ts'
import { clients } from '../clients/index.ts'
import { expectationOf, kindOf } from '../expectations.ts'
import type { Standstill } from '../standstill.ts'
import type { Sequence } from './sequence.ts'

/** What can be wrong with a sequence. */
export type Wrong =
  | 'hang'
  | 'silent truncation'
  | 'over the request limit'
  | 'before Retry-After'
  | 'request left open'
  | 'listener left'

/** What is wrong with a sequence, and how one sees it. */
export interface WrongThing {
  readonly wrong: Wrong
  readonly details: string
}

/** What a sequence came to. */
export interface SequenceResult {
  readonly wrong: readonly WrongThing[]
  /** For how long of it the process itself stood still. */
  readonly stoodStillMs: number
}

export interface SequenceLimits {
  readonly maxAttempts: number
  readonly totalMs: number
  readonly standstill: Standstill
}

/** Makes the call of a sequence against a lab of its own. */
export async function runSequence(
  sequence: Sequence,
  { maxAttempts, totalMs, standstill }: SequenceLimits,
): Promise<SequenceResult> {
  const { seed, wire, stream, tools, faults, abortAfterMs } = sequence
  let arrived = 0
  const script = (): Step => {
    const fault = faults[arrived++]
    if (fault === undefined) return { text: answerText }
    const strikesCall = kindOf(fault.name).tools === true
    return { text: strikesCall ? '' : answerText, fault }
  }
  await using lab = await ports.try((port) => startLab({ seed, script, port }))
  const client = clients[sequence.client]
  const controller = new AbortController()
  const { signal } = controller
  const said: Said = { text: '', toolCalls: [], finish: undefined }
  const stoodStill = standstill.start()
  const startMs = performance.now()
  const aborting = abortAfterMs === undefined ? undefined : new AbortController()
  void sleep(abortAfterMs ?? 0, undefined, { signal: aborting?.signal }).then(
    () => aborting !== undefined && controller.abort(),
    () => {},
  )
  const settled = client.ask({ wire, stream, tools, signal, baseUrl: lab.url }, said).then(
    () => 'answered' as const,
    () => 'failed' as const,
  )
  const late = new AbortController()
  const ended = await Promise.race([
    settled,
    sleep(totalMs + 1000, 'pending' as const, { signal: late.signal }),
  ])
  const tookMs = performance.now() - startMs
  late.abort()
  aborting?.abort()

  const wrong: WrongThing[] = []
  if (ended === 'pending' || tookMs > totalMs + 1000) {
    wrong.push({ wrong: 'hang', details: `not over after ${Math.round(tookMs)} ms` })
    controller.abort()
    await settled
  }
  // Some SDKs end without an error when their caller gives up.
  const isShort = ended === 'answered' && said.text !== answerText && !signal.aborted
  if (isShort && !mayBeShort(sequence, arrived)) {
    const size = `${said.text.length} of ${answerText.length} characters`
    wrong.push({ wrong: 'silent truncation', details: `${size}, without an error` })
  }
  if (arrived > maxAttempts) {
    wrong.push({ wrong: 'over the request limit', details: `${arrived} requests` })
  }
  wrong.push(...undercut(lab, sequence))
  wrong.push(...(await leftOpen(lab)))
  // The SDKs leave some of their own; fetch has none but Holdfast's.
  const listeners = getEventListeners(signal, 'abort').length
  if (sequence.client === 'fetch' && listeners > 0) {
    wrong.push({ wrong: 'listener left', details: `${listeners} on the caller's signal` })
  }
  return { wrong, stoodStillMs: stoodStill() }
}

/** True where the last answer was itself short, or in a shape that the client cannot read. */
function mayBeShort({ faults, wire, stream }: Sequence, arrived: number): boolean {
  const last = faults[arrived - 1]
  if (last === undefined) return false
  const { row, always } = expectationOf({ fault: last.name, wire, stream })
  return row === 'good' || always.ends === 'as-alone' || always.ends === 'said'
}

function undercut({ requests }: Lab, { faults }: Sequence): WrongThing[] {
  return requests.flatMap(({ atMs }, index): WrongThing[] => {
    const before = requests[index - 1]
    const fault = faults[index - 1]
    if (before?.endedAtMs === undefined || fault === undefined) return []
    const { waitMs = 0 } = kindOf(fault.name)
    const waitedMs = atMs - before.endedAtMs
    if (waitMs === 0 || waitedMs >= waitMs) return []
    const details = `request ${index + 1} after ${waitedMs.toFixed(1)} of ${waitMs} ms`
    return [{ wrong: 'before Retry-After', details }]
  })
}

/** A call that is over has no request upstream any more, once the news is there. */
async function leftOpen({ requests }: Lab): Promise<WrongThing[]> {
  const open = (): number => requests.filter(({ outcome }) => outcome === 'pending').length
  for (let waitedMs = 0; waitedMs < 3000 && open() > 0; waitedMs += 20) {
    // oxlint-disable-next-line no-await-in-loop -- looks again and again
    await sleep(20)
  }
  const left = open()
  return left === 0
    ? []
    : [{ wrong: 'request left open', details: `${left} of ${requests.length}` }]
}
