import { type JsonObject, text } from '../json/json.ts'

/** Tools of OpenAI's that the application executes itself: each is a tool call like any other, under its own name. */
const members: Readonly<Record<string, readonly [name: string, member: string]>> = {
  local_shell_call: ['local_shell', 'action'],
  shell_call: ['shell', 'action'],
  apply_patch_call: ['apply_patch', 'operation'],
  computer_call: ['computer', 'action'],
}

/** The item as a tool call, where it asks the application to do something. */
export function hostedToolCall(
  item: JsonObject,
): { readonly id: string; readonly name: string; readonly arguments: string } | undefined {
  const known = members[text(item['type'])]
  if (known === undefined) return undefined
  const [name, member] = known
  // The newer computer tool asks for several actions at once.
  const what = item[member] ?? item[`${member}s`] ?? {}
  return { id: text(item['call_id']), name, arguments: JSON.stringify(what) }
}
