import { randomUUID } from 'node:crypto'
import { currentRun, HoldfastError } from '@holdfast/core'
import type {
  ApprovalAnswer,
  ApprovalBinding,
  ApprovalQuestion,
  Approver,
  AskHow,
  PolicyDecision,
} from '@holdfast/core'
import { callKey, isApproved, memoryApprovalStore } from '@holdfast/core/approvals'
import type { ApprovalRecord, ApprovalStore, AtExpiry, BoundCall } from '@holdfast/core/approvals'
import type { ApprovalChannel, ApprovalRequest } from './channel.ts'
import { answerOf, approvalDesk, newId, noReason } from './desk.ts'
import type { ApprovalDesk } from './desk.ts'
import { intact, isOf } from './intact.ts'
import { Waiting } from './waiting.ts'
import { stickyFor } from './sticky.ts'

/** How people are asked. */
export interface ApproverOptions {
  /** @default in memory: answers end with the process */
  readonly store?: ApprovalStore
  /** How people are told. @default none: `holdfast approvals`, and who calls `approve` and `deny` */
  readonly channels?: readonly ApprovalChannel[]
  /** How long a question waits for its answer, and an answer for its use. @default 3_600_000, an hour */
  readonly expiresInMs?: number
  /** What silence means. @default 'deny' */
  readonly atExpiry?: AtExpiry
  /**
   * `pause`: nobody waits in the process. The call fails with APPROVAL_PENDING, and finds its answer when the run is
   * gone on with. @default 'in-process'
   */
  readonly wait?: 'in-process' | 'pause'
  /** Whether remembered decisions answer questions. @default true */
  readonly sticky?: boolean
  /** How long what is over is kept. @default 30 days */
  readonly keepMs?: number
  /** Gets every answer, without arguments. */
  readonly decided?: (decision: PolicyDecision) => void
  /** Gets what went wrong where nobody else is told: a channel that reaches nobody. */
  readonly bug?: (channel: string, error: unknown) => void
}

/** Asks people, and is where they answer. */
export interface RunningApprover extends Approver {
  readonly desk: ApprovalDesk
  /** Tells each question as it is asked. Returns a function that ends it. */
  onRequest(listener: (request: ApprovalRequest) => unknown): () => void
  /** Ends channels. What waits ends with APPROVAL_PENDING: the questions stay. */
  close(): Promise<void>
}

const hourMs = 3_600_000
const sweepEveryMs = 600_000

/** Asks people before a tool call is executed. */
export function approver(options: ApproverOptions = {}): RunningApprover {
  return new AskingApprover(options)
}

class AskingApprover implements RunningApprover {
  readonly desk: ApprovalDesk
  readonly #options: ApproverOptions
  readonly #store: ApprovalStore
  readonly #channels: readonly ApprovalChannel[]
  readonly #listeners = new Set<(request: ApprovalRequest) => unknown>()
  readonly #waiting: Waiting
  /** The run of calls that have none. */
  readonly #noRun = `process-${randomUUID()}`
  /** Questions that a call of this process waits for or goes by, by their call. */
  readonly #taken = new Map<string, Set<string>>()
  #sweepAtMs = 0

  constructor(options: ApproverOptions) {
    const { store = memoryApprovalStore(), channels = [] } = options
    this.#options = options
    this.#store = store
    this.#channels = channels
    this.#waiting = new Waiting({
      look: async (id) => intact(await this.#known(id)),
      // Where nobody outside can answer, waiting alone keeps no process alive.
      keepAlive: store.shared || channels.length > 0,
    })
    this.desk = approvalDesk(store, {
      decided: (id) => this.#waiting.wake(id),
      check: (id, text) => this.#waiting.check(id, text),
    })
  }

  async ask(
    question: ApprovalQuestion,
    signal: AbortSignal | undefined,
    { checkEdited = () => undefined }: AskHow = {},
  ): Promise<ApprovalAnswer> {
    signal?.throwIfAborted()
    if (!isOf(question.argumentsHash, question.argumentsText)) {
      throw new HoldfastError(
        'OPTIONS_INVALID',
        `tool ${question.tool} cannot be asked about: its arguments are not those that the hash is of`,
      )
    }
    const { callId: _callId, ...facts } = question
    const call = { ...facts, runId: question.runId ?? this.#noRun }
    const record = await closed(() => this.#open(call))
    this.#sweep()
    try {
      const decided =
        record.state === 'pending' ? await this.#wait(record, signal, checkEdited) : record
      const answer = await this.#answer(decided, checkEdited)
      if (answer.verdict === 'denied') this.#release(call, record.id)
      this.#tell(question, answer)
      return answer
    } catch (error) {
      this.#release(call, record.id)
      throw error
    }
  }

  async redeem(binding: ApprovalBinding): Promise<boolean> {
    const call = { ...binding, runId: binding.runId ?? this.#noRun }
    const used = await closed(() => this.#store.redeem(call))
    if (used === undefined) return false
    this.#release(used, used.id)
    return true
  }

  onRequest(listener: (request: ApprovalRequest) => unknown): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#waiting.end()
    await Promise.all(this.#channels.map(async (channel) => channel.close?.()))
    await this.#store.close()
  }

  /** The question of this call that nobody else in this process waits for or goes by. */
  async #open(question: BoundCall & Omit<ApprovalQuestion, 'callId'>): Promise<ApprovalRecord> {
    const { expiresInMs: lifetimeMs = hourMs, atExpiry = 'deny', sticky = true } = this.#options
    const key = callKey(question)
    const remembered = sticky ? stickyFor(await this.#store.stickyDecisions(), question) : undefined
    const answer = remembered === undefined ? undefined : answerOf(remembered)
    for (;;) {
      const except = [...(this.#taken.get(key) ?? [])]
      const asked = { id: newId(), question, lifetimeMs, atExpiry, except, answer }
      const { record } = await this.#store.ask(asked)
      const taken = this.#taken.get(key) ?? new Set()
      // Two equal calls at the same moment are two questions.
      if (taken.has(record.id)) continue
      if (record.state === 'pending' || isApproved(record)) {
        this.#taken.set(key, taken.add(record.id))
      }
      return intact(record)
    }
  }

  /** Tells the channels, and waits until somebody has decided or the time is over. */
  async #wait(
    record: ApprovalRecord,
    signal: AbortSignal | undefined,
    checkEdited: NonNullable<AskHow['checkEdited']>,
  ): Promise<ApprovalRecord> {
    const { id } = record
    const ended = new AbortController()
    const request: ApprovalRequest = {
      record,
      signal: ended.signal,
      approve: (given) => this.desk.approve(id, given),
      deny: (reason, given) => this.desk.deny(id, reason, given),
    }
    const waiter = this.#waiting.enter(id, async (text) => checkEdited(text))
    try {
      const told = Promise.all(this.#channels.map((channel) => this.#toldBy(channel, request)))
      for (const listener of this.#listeners) {
        void this.#toldBy({ name: 'onRequest', tell: async () => listener(request) }, request)
      }
      if (this.#options.wait !== 'pause') return await closed(() => waiter.decided(signal))
      await told
      const now = intact(await closed(() => this.#known(id)))
      if (now.state === 'pending') throw pending(now)
      return now
    } finally {
      waiter.leave()
      ended.abort()
    }
  }

  async #answer(
    record: ApprovalRecord,
    checkEdited: NonNullable<AskHow['checkEdited']>,
  ): Promise<ApprovalAnswer> {
    const { id, editedText, decidedBy: by = 'somebody', state } = record
    if (isApproved(record)) {
      const wrong = editedText === undefined ? undefined : await checkEdited(editedText)
      if (wrong === undefined) {
        return { verdict: 'approved', id, by, ...(editedText === undefined ? {} : { editedText }) }
      }
      // Written by somebody who could not know: in another process there is no gate to ask.
      const reason = `The arguments that were written in place of these do not pass: ${wrong}`
      await closed(() => this.#store.withdraw(id, { by: 'check', reason }))
      return { verdict: 'denied', id, by: 'check', reason }
    }
    const late = 'Nobody has answered in time whether this call may be made.'
    const reason = state === 'denied' ? (record.denialReason ?? noReason) : late
    return { verdict: 'denied', id, by, reason }
  }

  async #known(id: string): Promise<ApprovalRecord> {
    const record = await this.#store.find(id)
    if (record !== undefined) return record
    throw new HoldfastError('APPROVAL_UNKNOWN', `approval ${id} has gone from its store`)
  }

  async #toldBy(
    channel: { readonly name: string; tell(request: ApprovalRequest): Promise<unknown> },
    request: ApprovalRequest,
  ): Promise<void> {
    try {
      await channel.tell(request)
    } catch (error) {
      if (!request.signal.aborted) this.#options.bug?.(channel.name, error)
    }
  }

  #release(call: BoundCall, id: string): void {
    // An edited call is known by what was asked.
    const key = callKey(call)
    const taken = this.#taken.get(key)
    taken?.delete(id)
    if (taken?.size === 0) this.#taken.delete(key)
  }

  /** Once in a while, what is over goes. */
  #sweep(): void {
    const nowMs = Date.now()
    if (nowMs < this.#sweepAtMs) return
    this.#sweepAtMs = nowMs + sweepEveryMs
    const { keepMs = 30 * 24 * hourMs } = this.#options
    this.#store.expire(nowMs - keepMs).catch((error) => this.#options.bug?.('store', error))
  }

  #tell(question: ApprovalQuestion, answer: ApprovalAnswer): void {
    const { tool, toolClass, rule, argumentsHash, callId = '' } = question
    const { verdict, by } = answer
    const isPerson = by !== 'rule' && by !== 'expiry' && by !== 'check'
    const what = verdict === 'approved' ? 'Approved' : 'Denied'
    const who = isPerson ? 'by a person' : `by ${by}`
    const edited = verdict === 'approved' && answer.editedText !== undefined
    this.#options.decided?.({
      policy: 'tools.approvals',
      verdict: verdict === 'denied' ? 'deny' : edited ? 'change' : 'allow',
      enforced: true,
      rule,
      // What the person wrote may hold content.
      reason: `${what} ${who}${edited ? ', with other arguments' : ''}.`,
      subject: { kind: 'tool', name: tool, toolClass },
      argumentsHash,
      callId,
      run: currentRun(),
      by: isPerson ? by : undefined,
    })
  }
}

function pending({ id, tool }: ApprovalRecord): HoldfastError {
  return new HoldfastError(
    'APPROVAL_PENDING',
    `tool ${tool} waits for approval ${id}; decide it (holdfast approvals show ${id}), then run again with the same run id`,
  )
}

/** What keeps the store from answering keeps the call from being made. */
async function closed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (HoldfastError.is(error) || (error instanceof Error && error.name === 'AbortError')) {
      throw error
    }
    throw new HoldfastError(
      'STORE_UNREACHABLE',
      'the store of the approvals cannot be asked, so nothing is approved',
      { retryable: true, cause: error },
    )
  }
}
