import type { TextEdit } from '../edit/text-edit.ts'
import { beginningOfPlaceholder } from './placeholders.ts'
import type { Vault } from './vault.ts'

/** Puts the values back that placeholders stand for, also where one comes in pieces. */
export function restoreText(vault: Vault, written?: (value: string) => string): TextEdit {
  let held = ''
  return {
    push(text) {
      const restored = vault.reveal(held + text, written)
      const at = beginningOfPlaceholder(restored)
      held = restored.slice(at)
      return at === restored.length ? restored : restored.slice(0, at)
    },
    end() {
      const rest = held
      held = ''
      return rest
    },
  }
}

/** A value as it stands inside of a JSON string. */
export function insideJson(value: string): string {
  return JSON.stringify(value).slice(1, -1)
}
