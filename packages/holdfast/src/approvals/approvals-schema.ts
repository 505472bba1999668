import type { ApprovalStore } from '@holdfast/core/approvals'
import type { ApprovalChannel, WebhookOptions } from '@holdfast/policies/approvals'
import { z } from 'zod'
import { store } from '../config/limits-schema.ts'
import type { ApprovalSettings } from './approval-settings.ts'

const text = z.string().min(1)
const duration = z.number().positive()

const webhook: z.ZodType<WebhookOptions> = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  secret: z.string().min(16).exactOptional(),
  headers: z.record(text, z.string()).exactOptional(),
  maxAttempts: z.int().min(1).exactOptional(),
  baseDelayMs: duration.exactOptional(),
  timeoutMs: duration.exactOptional(),
  callback: z
    .strictObject({
      port: z.int().min(0).max(65_535).exactOptional(),
      url: z.url({ protocol: /^https?$/ }).exactOptional(),
    })
    .exactOptional(),
})

/** What the option `approvals` may say. */
export const approvals: z.ZodType<ApprovalSettings> = z.strictObject({
  store: z
    .union([
      store,
      text,
      z.custom<ApprovalStore>(
        (value) => typeof value === 'object' && value !== null && 'redeem' in value,
        { error: 'an approval store' },
      ),
    ])
    .exactOptional(),
  channels: z
    .array(
      z.union([
        z.literal('terminal'),
        z.strictObject({ webhook }),
        z.custom<ApprovalChannel>(
          (value) => typeof value === 'object' && value !== null && 'tell' in value,
          { error: 'a channel: an object with name and tell' },
        ),
      ]),
    )
    .exactOptional(),
  expiresInMs: duration.exactOptional(),
  atExpiry: z.enum(['deny', 'allow']).exactOptional(),
  wait: z.enum(['in-process', 'pause']).exactOptional(),
  sticky: z.boolean().exactOptional(),
  keepMs: duration.exactOptional(),
})
