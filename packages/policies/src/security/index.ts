export { scanInjection } from './injection/injection.ts'
export type {
  InjectionAction,
  InjectionOptions,
  InjectionReport,
  TextSource,
} from './injection/injection.ts'
export type { InjectionResponse, InjectionSettings } from './injection/options.ts'
export type { SecurityOptions, SecurityParts } from './options.ts'
export type { OutputOptions, OutputPattern } from './output/options.ts'
export type { AccessList, PermissionOptions, PermissionRule } from './permissions/options.ts'
export type { PermissionFinding, ToolUse } from './permissions/permissions.ts'
export type { PersonalDataRisk, Recognizer } from './personal-data/recognizer.ts'
export { personalDataScanner } from './personal-data/scanner.ts'
export type {
  PersonalDataFinding,
  PersonalDataOptions,
  PersonalDataScanner,
} from './personal-data/scanner.ts'
export type { OperationRate } from './rates/options.ts'
export type { RedactionMode, RedactionOptions } from './redaction/options.ts'
export { secretScanner } from './secrets/scanner.ts'
export type { SecretOptions, SecretScanner } from './secrets/scanner.ts'
export { security } from './security.ts'
export type { Security } from './security.ts'
export type { TextFinding } from './text-finding.ts'
