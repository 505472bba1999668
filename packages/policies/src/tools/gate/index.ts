export type {
  AfterRule,
  ArgumentKind,
  ArgumentMatch,
  FlowRule,
  PermitFacts,
  TaintRule,
  ToolDeclaration,
  ToolGateDeps,
  ToolGateOptions,
  ToolGatePreset,
  ToolMatch,
  ToolRule,
} from './options.ts'
export type { GateRow } from './report.ts'
export { toolGate } from './tool-gate.ts'
export type { ToolGate } from './tool-gate.ts'
export { toolClasses } from '../classify/tool-class.ts'
