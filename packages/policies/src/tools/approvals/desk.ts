import { randomBytes } from 'node:crypto'
import { canonicalArguments, HoldfastError } from '@holdfast/core'
import { unknownApproval } from '@holdfast/core/approvals'
import type {
  ApprovalDecision,
  ApprovalQuery,
  ApprovalRecord,
  ApprovalStore,
  StickyDecision,
} from '@holdfast/core/approvals'
import { intact } from './intact.ts'
import { stickyFor, stickyOf } from './sticky.ts'
import type { Remember } from './sticky.ts'

export interface ApproveOptions {
  /** Who decides. @default 'api' */
  readonly by?: string
  /** What is executed in place of what was asked about. */
  readonly arguments?: unknown
  /** Answers later questions too. */
  readonly remember?: Remember
}

export interface DenyOptions {
  /** Who decides. @default 'api' */
  readonly by?: string
  /** Answers later questions too. */
  readonly remember?: Remember
}

/** Where people look at questions and decide. */
export interface ApprovalDesk {
  /** The latest first. */
  list(query?: ApprovalQuery): Promise<readonly ApprovalRecord[]>
  /** @throws HoldfastError APPROVAL_UNKNOWN */
  get(id: string): Promise<ApprovalRecord>
  /** @throws HoldfastError APPROVAL_DECIDED, APPROVAL_UNKNOWN; OPTIONS_INVALID for arguments that do not pass */
  approve(id: string, options?: ApproveOptions): Promise<ApprovalRecord>
  /** `reason` is for the model. @throws HoldfastError APPROVAL_DECIDED, APPROVAL_UNKNOWN */
  deny(id: string, reason?: string, options?: DenyOptions): Promise<ApprovalRecord>
  /** Decisions that answer later questions, also revoked ones, the latest first. */
  sticky(): Promise<readonly StickyDecision[]>
  /** @throws HoldfastError APPROVAL_UNKNOWN */
  revoke(id: string, by?: string): Promise<StickyDecision>
}

/** What a desk tells to those in this process who wait, and asks of them. */
export interface DeskHelp {
  /** Called when something was decided here. */
  readonly decided?: (id: string) => void
  /** What is wrong with arguments that somebody has written, where it is known here. */
  readonly check?: (id: string, argumentsText: string) => Promise<string | undefined>
}

/** What the model is told where the person gave no reason. */
export const noReason = 'A person has denied this call.'

/** Who no person may be. */
const reserved = new Set(['rule', 'expiry', 'check'])

/** Opens a desk over a store. */
export function approvalDesk(
  store: ApprovalStore,
  { decided = () => {}, check = async () => undefined }: DeskHelp = {},
): ApprovalDesk {
  async function get(id: string): Promise<ApprovalRecord> {
    const record = await store.find(id)
    if (record === undefined) throw unknownApproval(id)
    return intact(record)
  }

  async function decide(
    record: ApprovalRecord,
    decision: ApprovalDecision,
    remember: Remember | undefined,
  ): Promise<ApprovalRecord> {
    const { by, verdict } = decision
    if (by === '' || reserved.has(by)) {
      throw new HoldfastError('OPTIONS_INVALID', `nobody can decide as ${JSON.stringify(by)}`)
    }
    const sticky =
      remember === undefined
        ? undefined
        : stickyOf(newId(), record, remember, {
            verdict,
            by,
            ...(decision.verdict === 'denied' ? { reason: decision.reason } : {}),
          })
    const answered = await store.decide(record.id, decision)
    decided(record.id)
    if (sticky !== undefined) await answerOthers(await store.remember(sticky))
    return answered
  }

  /** Those that wait already are answered as well. */
  async function answerOthers(sticky: StickyDecision): Promise<void> {
    for (const record of await store.list({ states: ['pending'], limit: 1_000 })) {
      if (stickyFor([sticky], record) === undefined) continue
      try {
        await store.decide(record.id, answerOf(sticky))
        decided(record.id)
      } catch (error) {
        // Somebody was faster.
        if (!HoldfastError.is(error) || error.code !== 'APPROVAL_DECIDED') throw error
      }
    }
  }

  return {
    list: async (query) => (await store.list(query)).map(intact),
    get,
    async approve(id, { by = 'api', arguments: given, remember } = {}) {
      const record = await get(id)
      const written = given === undefined ? undefined : canonicalArguments(given)
      const edited = written?.hash === record.argumentsHash ? undefined : written
      if (edited !== undefined && remember !== undefined) {
        throw new HoldfastError(
          'OPTIONS_INVALID',
          'a decision with other arguments is for this call alone: leave out remember, or the arguments',
        )
      }
      const wrong = edited === undefined ? undefined : await check(id, edited.text)
      if (wrong !== undefined) {
        throw new HoldfastError('OPTIONS_INVALID', `the arguments do not pass: ${wrong}`)
      }
      return decide(record, { verdict: 'approved', by, edited }, remember)
    },
    async deny(id, reason = noReason, { by = 'api', remember } = {}) {
      return decide(await get(id), { verdict: 'denied', by, reason }, remember)
    },
    sticky: () => store.stickyDecisions(),
    revoke: (id, by = 'api') => store.revoke(id, by),
  }
}

/** How a sticky decision answers a question. */
export function answerOf({ id, verdict, reason = noReason }: StickyDecision): ApprovalDecision {
  const by = { by: 'rule', stickyId: id }
  return verdict === 'approved' ? { verdict, ...by } : { verdict, ...by, reason }
}

/** A name short enough to be typed. */
export function newId(): string {
  return randomBytes(6).toString('hex')
}
