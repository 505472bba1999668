import type { AuditHead } from '@holdfast/audit'
import type { InDoubtPolicy, JournalStore } from '@holdfast/core'
import { faults } from '@holdfast/policies/reliability'
import type {
  CircuitBreakerOptions,
  CommitOptions,
  FallbackOptions,
  FaultName,
  HedgeOptions,
  ResendGuardOptions,
  RetryOptions,
  TimeoutOptions,
} from '@holdfast/policies/reliability'
import type { ModelPrice, RunSummary, TelemetryOptions } from '@holdfast/telemetry'
import { z } from 'zod'
import type { Adapter } from '../adapters/adapter.ts'
import { approvals } from '../approvals/approvals-schema.ts'
import type { AuditSettings } from '../audit/audit-options.ts'
import type { AwsOptions } from '../aws/credentials.ts'
import { context } from '../context/context-schema.ts'
import { formatNames } from '../fallback-formats.ts'
import type {
  FallbackSettings,
  FallbackTargetSettings,
  ReliabilitySettings,
} from '../fallback-formats.ts'
import type { JournalSettings } from '../journal/journal-options.ts'
import type { HoldfastOptions } from '../options.ts'
import { governance } from './governance-schema.ts'
import { memory } from '../memory/memory-schema.ts'
import { tools } from '../tools/tools-schema.ts'
import { budget, concurrency, rateLimit, store } from './limits-schema.ts'
import { security } from './security-schema.ts'

const text = z.string().min(1)
const count = z.int().min(1)
const share = z.number().min(0).max(1)
const duration = z.number().nonnegative()
/** Infinity switches a timeout off. */
const timeLimit = z.union([z.number().positive(), z.literal(Infinity)])
const aFunction = <F>(): z.ZodType<F> =>
  z.custom<F>((value) => typeof value === 'function', { error: 'a function' })
const orFalse = <Schema extends z.ZodType>(schema: Schema) => z.union([z.literal(false), schema])

const retry: z.ZodType<RetryOptions> = z.strictObject({
  maxAttempts: count.exactOptional(),
  maxDelayMs: duration.exactOptional(),
  baseDelayMs: duration.exactOptional(),
  overloadedBaseDelayMs: duration.exactOptional(),
  maxBackoffMs: duration.exactOptional(),
  budgetShare: share.exactOptional(),
  budgetPerSecond: duration.exactOptional(),
  random: aFunction<() => number>().exactOptional(),
})

const timeout: z.ZodType<TimeoutOptions> = z.strictObject({
  connectMs: timeLimit.exactOptional(),
  headersMs: timeLimit.exactOptional(),
  firstContentMs: timeLimit.exactOptional(),
  betweenContentMs: timeLimit.exactOptional(),
  totalMs: timeLimit.exactOptional(),
  attemptMs: timeLimit.exactOptional(),
})

const circuitBreaker: z.ZodType<CircuitBreakerOptions> = z.strictObject({
  failures: count.exactOptional(),
  sampling: z
    .strictObject({
      failureShare: share,
      windowMs: z.number().positive(),
      requestsPerSecond: duration.exactOptional(),
    })
    .exactOptional(),
  openMs: duration.exactOptional(),
  maxOpenMs: duration.exactOptional(),
})

const fallbackTarget: z.ZodType<FallbackTargetSettings> = z
  .strictObject({
    format: z.lazy(() => z.enum(formatNames() as [string])).exactOptional(),
    model: text.exactOptional(),
    provider: text.exactOptional(),
    baseUrl: z.url({ protocol: /^https?$/ }).exactOptional(),
    apiKey: text.exactOptional(),
    apiKeyEnv: text.exactOptional(),
    keepKey: z.boolean().exactOptional(),
  })
  .superRefine(({ format, model, baseUrl, apiKey, apiKeyEnv }, context) => {
    if (format === undefined) return
    const needed = (name: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [name], message })
    if (model === undefined) needed('model', 'the name of a model, where a format is named')
    if ((baseUrl ?? apiKey ?? apiKeyEnv) === undefined) {
      needed(
        'apiKeyEnv',
        'the name of an environment variable, where a format but no baseUrl is named',
      )
    }
  })

const chain = z.array(fallbackTarget).exactOptional()

const fallback = z
  .strictObject({
    to: z.array(fallbackTarget).exactOptional(),
    chains: z
      .strictObject({
        rateLimit: chain,
        outage: chain,
        contextLength: chain,
        contentFilter: chain,
        deadModel: chain,
        quota: chain,
        unauthorized: chain,
      })
      .exactOptional(),
    stickyMs: duration.exactOptional(),
    onLoss: z.enum(['warn', 'refuse']).exactOptional(),
    on: z.array(z.enum(Object.keys(faults) as FaultName[])).exactOptional(),
    canFallBack: aFunction<NonNullable<FallbackOptions['canFallBack']>>().exactOptional(),
  })
  .superRefine(({ to = [], chains = {} }, context) => {
    if ([to, ...Object.values(chains)].some((targets) => targets.length > 0)) return
    context.addIssue({
      code: 'custom',
      path: ['to'],
      message: 'a list of at least one target, here or in chains',
    })
  }) satisfies z.ZodType<FallbackSettings>

const hedge: z.ZodType<HedgeOptions> = z.strictObject({
  quantile: share.exactOptional(),
  maxShare: share.exactOptional(),
  minSamples: count.exactOptional(),
  windowSize: count.exactOptional(),
  canHedge: aFunction<NonNullable<HedgeOptions['canHedge']>>().exactOptional(),
})

const commit: z.ZodType<CommitOptions> = z.strictObject({ lingerMs: duration.exactOptional() })

const resendGuard: z.ZodType<ResendGuardOptions> = z.strictObject({
  windowMs: duration.exactOptional(),
  maxRecords: count.exactOptional(),
})

const reliability: z.ZodType<ReliabilitySettings> = z.strictObject({
  fallback: orFalse(fallback).exactOptional(),
  hedge: orFalse(hedge).exactOptional(),
  continueText: z.boolean().exactOptional(),
  retry: orFalse(retry).exactOptional(),
  circuitBreaker: orFalse(circuitBreaker).exactOptional(),
  timeout: orFalse(timeout).exactOptional(),
  rateLimit: orFalse(rateLimit).exactOptional(),
  concurrency: orFalse(concurrency).exactOptional(),
  budget: orFalse(budget).exactOptional(),
  onLimit: z.enum(['wait', 'refuse']).exactOptional(),
  commit: orFalse(commit).exactOptional(),
  resendGuard: orFalse(resendGuard).exactOptional(),
})

const price: z.ZodType<ModelPrice> = z.strictObject({
  inputUsdPerMillion: duration,
  outputUsdPerMillion: duration,
  cachedInputUsdPerMillion: duration.exactOptional(),
  cacheWriteUsdPerMillion: duration.exactOptional(),
})

const telemetry: z.ZodType<Omit<TelemetryOptions, 'onRunEnd'>> = z.strictObject({
  captureContent: z.boolean().exactOptional(),
  redact: aFunction<NonNullable<TelemetryOptions['redact']>>().exactOptional(),
  requestParameters: z.boolean().exactOptional(),
  prices: z.record(text, price).exactOptional(),
  export: z
    .union([
      z.boolean(),
      z.strictObject({
        endpoint: z.url({ protocol: /^https?$/ }).exactOptional(),
        headers: z.record(text, z.string()).exactOptional(),
        serviceName: text.exactOptional(),
      }),
    ])
    .exactOptional(),
  idleMs: duration.exactOptional(),
  warn: aFunction<NonNullable<TelemetryOptions['warn']>>().exactOptional(),
})

const inDoubt: z.ZodType<InDoubtPolicy> = z.union([
  z.enum(['ask', 'retry', 'skip']),
  z.strictObject({ reconcile: aFunction<never>() }),
])

const journal: z.ZodType<JournalSettings> = z.strictObject({
  store: z
    .union([
      text,
      z.custom<JournalStore>(
        (value) => typeof value === 'object' && value !== null && 'append' in value,
        { error: 'a journal store' },
      ),
    ])
    .exactOptional(),
  durability: z.enum(['process', 'power']).exactOptional(),
  leaseMs: z.number().min(100).exactOptional(),
  resumeWithinMs: duration.exactOptional(),
  divergence: z.enum(['fork', 'strict', 'warn']).exactOptional(),
  inDoubt: inDoubt.exactOptional(),
  tools: z.record(text, inDoubt).exactOptional(),
  maskers: z
    .array(
      z.union([
        z.enum(['times', 'uuids']),
        z.instanceof(RegExp),
        aFunction<(text: string) => string>(),
      ]),
    )
    .exactOptional(),
  joinCalls: z.boolean().exactOptional(),
  keepMs: timeLimit.exactOptional(),
  encryption: z
    .strictObject({
      key: z.union([text, z.instanceof(Uint8Array), aFunction<() => string>()]),
      oldKeys: z.array(z.union([text, z.instanceof(Uint8Array)])).exactOptional(),
    })
    .exactOptional(),
  record: z.enum(['run', 'cassette', 'replay']).exactOptional(),
  replayRun: text.exactOptional(),
  warn: aFunction<NonNullable<JournalSettings['warn']>>().exactOptional(),
})

const anchorPlace = z.union([text, aFunction<(head: AuditHead) => void>()])
const audit: z.ZodType<AuditSettings> = z.strictObject({
  folder: text.exactOptional(),
  key: z.union([text, z.instanceof(Uint8Array), aFunction<() => string>()]).exactOptional(),
  anchor: z
    .union([
      anchorPlace,
      z.strictObject({
        to: anchorPlace,
        everyRows: count.exactOptional(),
        everyMs: duration.exactOptional(),
      }),
    ])
    .exactOptional(),
  maxFileBytes: z.int().min(4_096).exactOptional(),
  onFailure: z.enum(['closed', 'open']).exactOptional(),
})

const adapter = z.custom<Adapter>(
  (value) => typeof value === 'object' && value !== null && 'name' in value && 'targets' in value,
  { error: 'an adapter: an object with name and targets' },
)

/** What `instrument()` and a configuration file may say. */
export const optionsSchema: z.ZodType<HoldfastOptions> = z.strictObject({
  reliability: orFalse(reliability).exactOptional(),
  telemetry: orFalse(telemetry).exactOptional(),
  security: z.union([z.boolean(), security]).exactOptional(),
  governance: orFalse(governance).exactOptional(),
  tools: tools.exactOptional(),
  context: context.exactOptional(),
  runLog: z
    .union([z.literal(false), z.literal('stderr'), aFunction<(summary: RunSummary) => void>()])
    .exactOptional(),
  journal: z.union([z.boolean(), journal]).exactOptional(),
  memory: z.union([z.boolean(), memory]).exactOptional(),
  approvals: approvals.exactOptional(),
  audit: z.union([z.boolean(), audit]).exactOptional(),
  adapters: orFalse(
    z.strictObject({
      without: z.array(text).exactOptional(),
      own: z.array(adapter).exactOptional(),
    }),
  ).exactOptional(),
  interceptors: z
    .strictObject({
      llm: z.array(aFunction<never>()).exactOptional(),
      tool: z.array(aFunction<never>()).exactOptional(),
    })
    .exactOptional(),
  store: store.exactOptional(),
  transport: z.enum(['direct', 'original']).exactOptional(),
  aws: z.strictObject({ credentials: aFunction<AwsOptions['credentials']>() }).exactOptional(),
  ignoreHosts: z.array(text).exactOptional(),
  run: z
    .strictObject({
      id: text.exactOptional(),
      session: text.exactOptional(),
      tenant: text.exactOptional(),
      user: text.exactOptional(),
      agent: text.exactOptional(),
      promptVersion: text.exactOptional(),
    })
    .exactOptional(),
})
