import { createRequire } from 'node:module'
import type { Approver, PolicyDecision } from '@holdfast/core'
import type { RunningApprover } from '@holdfast/policies/approvals'
import type { HoldfastOptions } from '../options.ts'
import type { ApprovalsApi } from './approval-settings.ts'
import { approvalStoreOf, openApprovalStore } from './open-approval-store.ts'

const require = createRequire(import.meta.url)

/** Who asks people, and where they answer. */
export interface OpenApprovals {
  readonly approver: Approver
  readonly api: ApprovalsApi
  close(): Promise<void>
}

/**
 * The approvals that the options ask for. Unless they say something of them, all of it is loaded and opened when the
 * first question is asked.
 * @throws HoldfastError OPTIONS_INVALID or STORE_UNUSABLE, where the options say something of them
 */
export function openApprovals(
  options: Pick<HoldfastOptions, 'approvals' | 'journal' | 'store'>,
  told: {
    readonly decided: (decision: PolicyDecision) => void
    readonly bug: (where: string, error: unknown) => void
  },
): OpenApprovals {
  let started: RunningApprover | undefined
  const get = (): RunningApprover => (started ??= start(options, told))
  if (options.approvals !== undefined) get()
  const desk = () => get().desk
  return {
    approver: {
      ask: async (question, signal, how) => get().ask(question, signal, how),
      redeem: async (binding) => get().redeem(binding),
    },
    api: {
      list: async (query) => desk().list(query),
      get: async (id) => desk().get(id),
      approve: async (id, given) => desk().approve(id, given),
      deny: async (id, reason, given) => desk().deny(id, reason, given),
      sticky: async () => desk().sticky(),
      revoke: async (id, by) => desk().revoke(id, by),
      onRequest: (listener) => get().onRequest(listener),
    },
    close: async () => started?.close(),
  }
}

function start(
  options: Parameters<typeof openApprovals>[0],
  { decided, bug }: Parameters<typeof openApprovals>[1],
): RunningApprover {
  const { approver, hasTerminal, terminal, webhook } =
    require('@holdfast/policies/approvals') as typeof import('@holdfast/policies/approvals')
  const { store: _store, channels: named, ...settings } = options.approvals ?? {}
  const store = approvalStoreOf(options)
  const { journal } = options
  const encryption = typeof journal === 'object' ? journal.encryption : undefined
  // Whoever pauses is gone before somebody has typed.
  const usual = hasTerminal() && settings.wait !== 'pause' ? ['terminal' as const] : []
  return approver({
    ...settings,
    ...(store === undefined ? {} : { store: openApprovalStore(store, encryption) }),
    channels: (named ?? usual).map((one) => {
      if (one === 'terminal') return terminal()
      return 'webhook' in one ? webhook(one.webhook) : one
    }),
    decided,
    bug: (channel, error) => bug(`approvals: ${channel}`, error),
  })
}
