import { HoldfastError } from '@holdfast/core'
import type { ApprovalRecord, StickyDecision, StickyScope } from '@holdfast/core/approvals'
import { argumentPattern, fits } from './argument-pattern.ts'

/** How far a decision is to be remembered. It answers the same rule about the same tool and its class. */
export interface Remember {
  readonly for: StickyScope
  /**
   * Only for arguments like these: the members named may differ, each `*` in them standing for one word, and all others
   * are equal. `{}` is these arguments alone. @default any arguments
   */
  readonly arguments?: Readonly<Record<string, string>>
}

/** What a sticky decision looks at. */
type Asked = Pick<
  ApprovalRecord,
  | 'tool'
  | 'toolClass'
  | 'rule'
  | 'argumentsText'
  | 'runId'
  | 'session'
  | 'agent'
  | 'tenant'
  | 'user'
>

/**
 * The sticky decision that remembers what was decided about a question.
 * @throws HoldfastError OPTIONS_INVALID where the question has no session or no agent to remember it for
 */
export function stickyOf(
  id: string,
  record: ApprovalRecord,
  remember: Remember,
  decided: Pick<StickyDecision, 'verdict' | 'by' | 'reason'>,
): Omit<StickyDecision, 'createdAtMs'> {
  const { tool, toolClass, rule, runId, session, agent, tenant, user, argumentsText } = record
  const { for: scope, arguments: members } = remember
  const missing =
    (scope === 'session' && session === undefined) || (scope === 'agent' && agent === undefined)
  if (missing) {
    throw new HoldfastError(
      'OPTIONS_INVALID',
      `approval ${record.id} cannot be remembered for the ${scope}: its run has none`,
    )
  }
  return {
    id,
    ...decided,
    tool,
    toolClass,
    rule,
    scope,
    tenant,
    ...(scope === 'always' ? {} : { user }),
    ...(scope === 'run' ? { runId } : {}),
    ...(scope === 'session' ? { session } : {}),
    ...(scope === 'agent' ? { agent } : {}),
    ...(members === undefined ? {} : { arguments: argumentPattern(argumentsText, members) }),
  }
}

/** The sticky decision that answers a question; a denial before an approval. */
export function stickyFor(
  decisions: readonly StickyDecision[],
  asked: Asked,
): StickyDecision | undefined {
  const answering = decisions.filter((decision) => answers(decision, asked))
  return answering.find(({ verdict }) => verdict === 'denied') ?? answering[0]
}

function answers(decision: StickyDecision, asked: Asked): boolean {
  const { scope, toolClass, arguments: pattern } = decision
  return (
    decision.revokedAtMs === undefined &&
    decision.tool === asked.tool &&
    decision.rule === asked.rule &&
    (toolClass === undefined || toolClass === asked.toolClass) &&
    decision.tenant === asked.tenant &&
    (scope === 'always' || decision.user === asked.user) &&
    (scope !== 'run' || decision.runId === asked.runId) &&
    (scope !== 'session' || decision.session === asked.session) &&
    (scope !== 'agent' || decision.agent === asked.agent) &&
    (pattern === undefined || fits(pattern, asked.argumentsText))
  )
}
