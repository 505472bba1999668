import type { Interceptor, RunOptions, ToolCall } from '@holdfast/core'
import type { GovernanceOptions } from '@holdfast/policies/governance'
import type { ToolGateOptions, ToolGatePreset } from '@holdfast/policies/tool-gate'
import type { RunSummary, TelemetryOptions } from '@holdfast/telemetry'
import type { Adapter } from './adapters/adapter.ts'
import type { ApprovalSettings } from './approvals/approval-settings.ts'
import type { AuditSettings } from './audit/audit-options.ts'
import type { AwsOptions } from './aws/credentials.ts'
import type { ContextSetting } from './context/open-context.ts'
import type { StoreSetting } from './limit-store.ts'
import type { JournalSettings } from './journal/journal-options.ts'
import type { MemorySettings } from './memory/memory-settings.ts'
import type { ReliabilitySettings } from './fallback-formats.ts'
import type { SecuritySetting } from './security/open-security.ts'

/** What `instrument()` takes. Everything has a default; most applications pass nothing. */
export interface HoldfastOptions {
  /** Retry, timeouts, circuit breaker, fallback; false turns the family off. @default on */
  readonly reliability?: false | ReliabilitySettings
  /** What agents may use up, and how they are kept from going in circles; false turns the family off. */
  readonly governance?: false | GovernanceOptions
  /**
   * Where circuits, rates, concurrency, budgets and caps are kept that several processes share: `redis://…`,
   * `rediss://…` or `sqlite:<path>`. @default each process has its own
   */
  readonly store?: StoreSetting
  /**
   * What is kept from models: true takes secrets and high-risk personal data out of requests, an object says more, false
   * turns all of it off. @default keys of this process, and nothing else
   */
  readonly security?: SecuritySetting
  /** Spans, metrics, cost; false turns it off. @default on, exported where an OpenTelemetry set-up exists or OTEL_* asks for one */
  readonly telemetry?: false | Omit<TelemetryOptions, 'onRunEnd'>
  /** Where each finished run goes: its summary as one line of JSON on stderr, or to a function. @default false */
  readonly runLog?: false | 'stderr' | ((summary: RunSummary) => void)
  /**
   * Writes down every call of a run, so that a run that was cut off goes on from where it was. @default off, unless
   * HOLDFAST_JOURNAL names a store
   */
  readonly journal?: boolean | JournalSettings
  /**
   * What agents remember of their users, across runs and processes. Opened at the first use of `holdfast.memory`.
   * @default in the file that HOLDFAST_MEMORY names, else `.holdfast/memory.db`
   */
  readonly memory?: boolean | MemorySettings
  /**
   * Writes down who decided what and why, and which tools ran, so that nobody can change it unseen. @default off, unless
   * HOLDFAST_AUDIT names a folder
   */
  readonly audit?: boolean | AuditSettings
  /**
   * What is done about the tool calls that models propose: `guarded` asks for what is dangerous, `strict` for all but
   * reading; an object says more, false turns it off. @default 'observe': only tells what guarding would do
   */
  readonly tools?: false | ToolGatePreset | ToolGateOptions
  /**
   * Keeps conversations inside of the model's window: true makes those that have become too long shorter, an object says
   * more, `observe` only tells. @default off
   */
  readonly context?: ContextSetting
  /** How people are asked before a tool call that the tool gate does not let pass by itself. */
  readonly approvals?: ApprovalSettings
  /** Frameworks to leave alone, or false for all. @default every framework that is present */
  readonly adapters?:
    | false
    | { readonly without?: readonly string[]; readonly own?: readonly Adapter[] }
  /** Own interceptors, inside of telemetry and outside of everything else. The first is the outermost. */
  readonly interceptors?: {
    readonly llm?: readonly Interceptor[]
    readonly tool?: readonly Interceptor<ToolCall>[]
  }
  /**
   * How claimed calls of fetch are sent: over node:http, which takes half the time, wherever nobody can tell the
   * difference; or always by the fetch that the application has. @default 'direct'
   */
  readonly transport?: 'direct' | 'original'
  /** How requests to Amazon Bedrock that policies changed are signed again. @default with the credentials in the environment */
  readonly aws?: AwsOptions
  /** Hosts whose calls are left alone, matched on label boundaries: `example.com` covers `api.example.com`. */
  readonly ignoreHosts?: readonly string[]
  /** Whose run it is where neither `run()` nor an adapter says so. */
  readonly run?: RunOptions
}
