import { AsyncLocalStorage } from 'node:async_hooks'
import { isDeepStrictEqual } from 'node:util'
import type { ToolStart } from './adapters/adapter.ts'
import type { ToolLine } from './tool-line.ts'

/** One execution of a tool, as far as it is known who takes part in it. */
interface Execution {
  readonly start: ToolStart
  readonly frameworks: Set<string>
}

/**
 * A line on which one execution of a tool is one tool call, however many wrappers it goes through: a tool that was
 * written for another framework, or that `tool()` made, started in one of the same name, is the call which runs already.
 */
export function withoutEchoes(line: ToolLine): ToolLine {
  const running = new AsyncLocalStorage<Execution>()
  return async function runTool(start, execute) {
    const outer = running.getStore()
    if (outer !== undefined && isEcho(outer, start)) {
      outer.frameworks.add(start.framework)
      return execute()
    }
    return line(start, (changed) =>
      // Anew each time: a policy may execute it again.
      running.run({ start: { ...start, ...changed }, frameworks: new Set([start.framework]) }, () =>
        execute(changed),
      ),
    )
  }
}

/** `tool()` wraps the function itself, which gets its arguments as the framework's schema has made them. */
const ownFramework = 'holdfast'

function isEcho({ start: outer, frameworks }: Execution, inner: ToolStart): boolean {
  if (!isSameTool(outer.name, inner) || frameworks.has(inner.framework)) return false
  return (
    outer.framework === ownFramework ||
    inner.framework === ownFramework ||
    isDeepStrictEqual(parsed(outer.arguments), parsed(inner.arguments))
  )
}

/** True for names of one tool. Frameworks put the name of an MCP server before those of its tools: `files_read`, `files__read`. */
export function isSameTool(
  outer: string,
  { name, framework }: Pick<ToolStart, 'name' | 'framework'>,
): boolean {
  if (outer === name) return true
  return framework === 'mcp' && plain(outer).endsWith(`_${plain(name)}`)
}

function plain(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '_')
}

/** Some frameworks hand the model's own JSON text over. */
function parsed(given: unknown): unknown {
  if (typeof given !== 'string') return given
  try {
    return JSON.parse(given)
  } catch {
    return given
  }
}
