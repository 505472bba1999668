import type { AdapterHost } from 'holdfast'
import { inTime } from './in-time.ts'
import { ToolHold } from './tool-hold.ts'

type WrapTool = (this: unknown, tool: unknown, ...rest: unknown[]) => unknown
type Define = (this: unknown, tools: readonly unknown[], ...rest: unknown[]) => unknown

/** A tool gets OpenClaw's own checks, hooks and approvals around its `execute`, which is held before. */
export function patchChecks(
  _exports: Readonly<Record<string, unknown>>,
  host: AdapterHost,
  functions?: object,
): void {
  const hold = new ToolHold(host)
  host.patch<WrapTool>(
    inTime(functions),
    'wrapToolWithBeforeToolCallHook',
    (original) =>
      function wrapToolWithBeforeToolCallHook(tool, ...rest) {
        hold.take(tool)
        return original.call(this, tool, ...rest)
      },
  )
}

/** Tools become those of a session here, whether they have been there before or not. */
export function patchDefinitions(
  _exports: Readonly<Record<string, unknown>>,
  host: AdapterHost,
  functions?: object,
): void {
  const hold = new ToolHold(host)
  host.patch<Define>(
    inTime(functions),
    'toToolDefinitions',
    (original) =>
      function toToolDefinitions(tools, ...rest) {
        for (const tool of tools) hold.take(tool)
        return original.call(this, tools, ...rest)
      },
  )
}
