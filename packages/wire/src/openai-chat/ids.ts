import type { IdRules } from '../request/tool-call-id.ts'

/** Ids of tool calls: at most 40 characters (the API's own error message says so, 2026-11-21). */
export const idRules: IdRules = { pattern: /^[\w.:-]+$/, maxLength: 40 }
