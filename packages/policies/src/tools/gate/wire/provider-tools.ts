import type { ReplyEvent } from '@holdfast/core'

const provided =
  /^(?:server_tool_use|mcp_tool_use|executableCode|(?:web_search|file_search|code_interpreter|image_generation|mcp)_call)$/

/** The tool that the provider has run itself, where this content says that it did. */
export function providerTool({
  name,
  value,
}: Extract<ReplyEvent, { type: 'other-content' }>): string | undefined {
  if (!provided.test(name)) return undefined
  const own = (value as { name?: unknown } | null)?.name
  return typeof own === 'string' && own !== '' ? own : name
}
