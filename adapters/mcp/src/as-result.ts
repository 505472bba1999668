/** What a tool of a server answers with, where a policy has answered in its place: in a text, or in anything. */
export function asResult(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && members.some((member) => member in value)) {
    return value
  }
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return { content: [{ type: 'text', text }] }
}

const members = ['content', 'structuredContent', 'toolResult', 'task', 'resultType']
