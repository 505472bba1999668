import type { IdRules } from '../request/tool-call-id.ts'

/** Ids of tool calls, as the API's own error message has it (2026-11-21). */
export const idRules: IdRules = { pattern: /^[a-zA-Z0-9_-]+$/, maxLength: 64 }
