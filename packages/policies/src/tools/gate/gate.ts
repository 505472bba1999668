import type {
  ApprovalAnswer,
  CallEvent,
  CanonicalArguments,
  PolicyDecision,
  Run,
} from '@holdfast/core'
import type { CallDecision, DecisionSettings } from './decide-call.ts'
import type { Decider } from './decider.ts'
import { Grants } from './grants.ts'
import type { ToolGateDeps, ToolGateOptions } from './options.ts'
import { Pasts } from './past/pasts.ts'
import type { GateRow } from './report.ts'
import { GateReport } from './report.ts'

/** Where a decision is made. */
export interface DecisionPlace {
  readonly callId: string
  readonly run: Run | undefined
  readonly signal: AbortSignal | undefined
  readonly emit: (event: CallEvent) => void
}

/** What both gates share: what is known of tools and runs, and how people are asked. */
export class Gate {
  readonly options: ToolGateOptions
  readonly deps: ToolGateDeps
  readonly settings: DecisionSettings
  readonly pasts: Pasts = new Pasts()
  readonly grants: Grants = new Grants()
  /** Here once somebody has proposed a tool call: until then nobody pays for parsers and validators. */
  decider: Decider | undefined
  #loading: Promise<Decider> | undefined
  readonly #report = new GateReport()

  constructor(options: ToolGateOptions, deps: ToolGateDeps) {
    const { preset = 'observe', root = process.cwd(), rules, flows, shell, url, sql } = options
    this.options = options
    this.deps = deps
    this.settings = {
      preset,
      root,
      ...(rules && { rules }),
      ...(flows && { flows }),
      ...(shell && { shell }),
      ...(url && { url }),
      ...(sql && { sql }),
      permit: deps.permit,
    }
  }

  /** What decides, loaded at the first call of a tool. */
  load(): Promise<Decider> {
    this.#loading ??= import('./decider.ts').then(
      ({ Decider }) => (this.decider = new Decider(this)),
    )
    return this.#loading
  }

  /** False where it only watches. */
  get enforces(): boolean {
    return this.settings.preset !== 'observe'
  }

  report(): readonly GateRow[] {
    return this.#report.rows()
  }

  /** The text with its real values. */
  reveal(text: string, run: Run | undefined): string {
    return this.deps.reveal?.(text, run) ?? text
  }

  /** Tells everybody what was decided. */
  tell(
    tool: string,
    decision: Pick<CallDecision, 'rule' | 'reason' | 'toolClass'> & Pick<PolicyDecision, 'verdict'>,
    place: DecisionPlace,
    more: Partial<Pick<PolicyDecision, 'policy' | 'by' | 'argumentsHash' | 'enforced'>> = {},
  ): void {
    const { verdict, rule, reason, toolClass } = decision
    const enforced = more.enforced ?? this.enforces
    // A model may call a tool what it likes.
    const name = tool.slice(0, longestName)
    this.#report.count({ tool: name, toolClass, verdict, rule, enforced })
    place.emit({
      type: 'decision-made',
      decision: {
        policy: 'tools.gate',
        verdict,
        enforced,
        rule,
        reason: withoutContent(rule) ?? reason,
        subject: { kind: 'tool', name, toolClass },
        callId: place.callId,
        run: place.run,
        ...more,
      },
    })
  }

  /** Asks a person about a call; undefined where there is nobody. */
  async ask(
    tool: string,
    decision: CallDecision,
    { text, hash }: CanonicalArguments,
    place: DecisionPlace,
    checkEdited: (argumentsText: string) => string | undefined,
  ): Promise<ApprovalAnswer | undefined> {
    const { approver } = this.deps
    if (approver === undefined) return undefined
    const { run, signal, callId } = place
    const { rule, reason, toolClass } = decision
    return approver.ask(
      {
        runId: run?.id,
        tool,
        argumentsHash: hash,
        argumentsText: text,
        toolClass,
        rule,
        reason,
        session: run?.session,
        tenant: run?.tenant,
        user: run?.user,
        agent: run?.agent,
        callId,
      },
      signal,
      { checkEdited },
    )
  }
}

const longestName = 100

/** What validators say may repeat what they have looked at: decisions go where no content may go. */
function withoutContent(rule: string): string | undefined {
  const said = rule
    .split(' + ')
    .flatMap((one) => whatWasLookedAt[one] ?? whatWasLookedAt[one.split('.', 1)[0] ?? ''] ?? [])
  return said.length === 0 ? undefined : [...new Set(said)].join(' ')
}

const whatWasLookedAt: Readonly<Record<string, string>> = {
  shell: 'A command in its arguments is not let through.',
  code: 'Code in its arguments is not let through.',
  path: 'A path in its arguments is not let through.',
  url: 'A URL in its arguments is not let through.',
  sql: 'SQL in its arguments is not let through.',
  schema: 'Its arguments do not fit its schema.',
  'call.failed-twice': 'The same call has failed twice already.',
  'call.not-offered': 'There is no tool of that name.',
  'result.schema': 'Its result does not fit its schema.',
}
