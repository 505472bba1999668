import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type { AuditEntry, AuditWho } from '@holdfast/audit'
import { canonicalArguments, errorWord, HoldfastError } from '@holdfast/core'
import type { CallEvent, Interceptor, PolicyDecision, Run, ToolCall } from '@holdfast/core'
import { keepOutOfGit } from '../keep-out-of-git.ts'
import type { HoldfastOptions } from '../options.ts'
import type { AuditSettings } from './audit-options.ts'
import { configurationOf } from './configuration.ts'

const require = createRequire(import.meta.url)

/** Where the audit log is unless somebody says so. */
export const usualAuditFolder = '.holdfast/audit'

/** What writes the audit log of this process. */
export interface Audit {
  /** Hears of every decision, while it is made. */
  readonly listen: (event: CallEvent) => void
  /** The innermost around a tool: what is run is on record before it runs. */
  readonly tool: Interceptor<ToolCall>
  close(): Promise<void>
}

/**
 * The audit log that the options ask for; undefined where none does. Its code is loaded here: who has none does not pay
 * for it.
 * @throws HoldfastError STORE_UNUSABLE for a folder that others may write to
 */
export function openAudit(
  options: HoldfastOptions,
  alarm: (error: unknown) => void,
): Audit | undefined {
  const settings = auditSettings(options.audit)
  if (settings === undefined) return undefined
  const { onFailure = 'closed', folder, ...rest } = settings
  if (folder === usualAuditFolder) keepOutOfGit(dirname(folder))
  const { auditLog } = require('@holdfast/audit') as typeof import('@holdfast/audit')
  const log = auditLog({ ...rest, folder, alarm })
  write(configurationOf(options))

  /** What happens without it would have happened anyway: somebody is told, and the call goes on. */
  function write(entry: AuditEntry): void {
    try {
      log.append(entry)
    } catch (error) {
      alarm(error)
    }
  }

  return {
    listen(event) {
      if (event.type === 'decision-made') write(decisionEntry(event.decision))
    },

    async tool(call, next) {
      let startedAt: number | undefined
      const beforeEffect = async (): Promise<void> => {
        try {
          log.append(startEntry(call))
        } catch (error) {
          if (onFailure === 'closed') throw error
          alarm(error)
        }
        startedAt = performance.now()
        await call.beforeEffect?.()
      }
      let failure: { readonly error: unknown } | undefined
      try {
        return await next(Object.freeze({ ...call, beforeEffect }))
      } catch (error) {
        failure = { error }
        throw error
      } finally {
        if (startedAt !== undefined) {
          const tookMs = Math.round(performance.now() - startedAt)
          const outcome = failure === undefined ? 'done' : 'failed'
          const error = failure === undefined ? undefined : nameOf(failure.error)
          write({
            kind: 'tool-ended',
            ...whoOf(call.run),
            call: call.id,
            name: cut(call.name),
            outcome,
            error,
            tookMs,
          })
        }
      }
    },

    close: () => log.close(),
  }
}

/** What the options and the environment say of the audit log; undefined where there is to be none. */
export function auditSettings(
  option: HoldfastOptions['audit'],
): (AuditSettings & { readonly folder: string }) | undefined {
  const named = process.env['HOLDFAST_AUDIT'] || undefined
  const asked = option ?? named !== undefined
  if (asked === false) return undefined
  const given = asked === true ? {} : asked
  const key = given.key ?? (process.env['HOLDFAST_AUDIT_KEY'] || undefined)
  return { ...given, key, folder: given.folder ?? named ?? usualAuditFolder }
}

function decisionEntry({ run, subject, callId, ...decision }: PolicyDecision): AuditEntry {
  return {
    kind: 'decision-made',
    ...whoOf(run),
    call: callId,
    policy: cut(decision.policy),
    verdict: decision.verdict,
    enforced: decision.enforced,
    rule: cut(decision.rule),
    version: decision.version === undefined ? undefined : cut(decision.version),
    reason: cut(decision.reason),
    subject: subject.kind,
    name: cut(subject.name),
    toolClass: subject.toolClass,
    data: subject.data?.slice(0, mostKinds).map(cut),
    argumentsHash: decision.argumentsHash,
    score: decision.score,
    by: decision.by === undefined ? undefined : cut(decision.by),
  }
}

function startEntry(call: ToolCall): AuditEntry {
  return {
    kind: 'tool-started',
    ...whoOf(call.run),
    call: call.id,
    name: cut(call.name),
    framework: cut(call.framework),
    argumentsHash: canonicalArguments(call.arguments).hash,
  }
}

function whoOf(run: Run | undefined): AuditWho {
  if (run === undefined) return {}
  return {
    tenant: run.tenant === undefined ? undefined : cut(run.tenant),
    user: run.user === undefined ? undefined : cut(run.user),
    agent: run.agent === undefined ? undefined : cut(run.agent),
    session: run.session === undefined ? undefined : cut(run.session),
    run: cut(run.id),
    parent: run.parent === undefined ? undefined : cut(run.parent.id),
  }
}

/** A row is short, whatever a tool is called. */
const longest = 300
const mostKinds = 50

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}

/** The code of ours, else the class: never the message, which may hold what the tool was given. */
function nameOf(error: unknown): string {
  if (HoldfastError.is(error)) return error.code
  return error instanceof Error ? (errorWord(error.name) ?? 'Error') : typeof error
}
