import { approvalChannels } from './checks/approval-channels.ts'
import { auditLog } from './checks/audit-log.ts'
import { caps } from './checks/caps.ts'
import { classifiedTools } from './checks/classified-tools.ts'
import { coverage } from './checks/coverage.ts'
import { enforcingGate } from './checks/enforcing-gate.ts'
import { exportedTelemetry } from './checks/exported-telemetry.ts'
import { fileModes } from './checks/file-modes.ts'
import { identity } from './checks/identity.ts'
import { journal } from './checks/journal.ts'
import { promptVersions } from './checks/prompt-versions.ts'
import { retrySemantics } from './checks/retry-semantics.ts'
import { sharedKeys } from './checks/shared-keys.ts'
import { sharedStore } from './checks/shared-store.ts'
import { strictSchemas } from './checks/strict-schemas.ts'
import type { DoctorFacts } from './facts.ts'
import type { Check, Finding } from './finding.ts'

/** The production checklist. A new check is one file in `checks`, and one line here. */
export const checks: Readonly<Record<string, Check>> = {
  'classified-tools': classifiedTools,
  'retry-semantics': retrySemantics,
  'strict-schemas': strictSchemas,
  'enforcing-gate': enforcingGate,
  'approval-channels': approvalChannels,
  caps,
  'shared-store': sharedStore,
  identity,
  'prompt-versions': promptVersions,
  'shared-keys': sharedKeys,
  'file-modes': fileModes,
  journal,
  'audit-log': auditLog,
  'exported-telemetry': exportedTelemetry,
  coverage,
}

const order = ['critical', 'warning', 'advice']

/** What is missing or wrong in a set-up, the worst first. */
export function diagnose(facts: DoctorFacts): readonly Finding[] {
  return Object.entries(checks)
    .flatMap(([check, look]) => look(facts).map((finding) => ({ check, ...finding })))
    .toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
}
