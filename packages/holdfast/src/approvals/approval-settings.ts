import type { ApprovalStore } from '@holdfast/core/approvals'
import type {
  ApprovalChannel,
  ApprovalDesk,
  ApprovalRequest,
  ApproverOptions,
  WebhookOptions,
} from '@holdfast/policies/approvals'
import type { StoreSetting } from '../limit-store.ts'

/** How people are asked before a tool call that the gate does not let pass by itself. */
export interface ApprovalSettings extends Pick<
  ApproverOptions,
  'expiresInMs' | 'atExpiry' | 'wait' | 'sticky' | 'keepMs'
> {
  /**
   * A file, the address of a Redis, or a store of your own. @default the journal's, else what the option `store` names,
   * else in memory: then nobody outside of the process can decide
   */
  readonly store?: StoreSetting | ApprovalStore
  /** How people are told. @default `['terminal']` where stdin and stderr are a terminal, else none */
  readonly channels?: readonly ApprovalChannelSetting[]
}

/** The terminal, a signed webhook, or a channel of your own. */
export type ApprovalChannelSetting =
  | 'terminal'
  | { readonly webhook: WebhookOptions }
  | ApprovalChannel

/** What can be asked and decided about approvals. */
export interface ApprovalsApi extends ApprovalDesk {
  /** Tells each question as it is asked. Returns a function that ends it. */
  onRequest(listener: (request: ApprovalRequest) => unknown): () => void
}
