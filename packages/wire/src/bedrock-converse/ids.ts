import type { IdRules } from '../request/tool-call-id.ts'

/** Ids of tool calls. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html (2026-11-21) */
export const idRules: IdRules = { pattern: /^[\w-]+$/, maxLength: 64 }
