import type { Inspection, Rule } from './command.ts'
import type { Argument } from './word.ts'

// Words that only look.
const reading = new Set(
  'get list ls show describe info status version help view inspect search find check diff cat head stat stats top explain logs log tail history whoami who-am-i print dump export plan validate lint fmt format test verify query read count exists lookup ping health peek watch events about size lsd lsf lsl lsjson snapshots whatis outdated docs doc lsblk'.split(
    ' ',
  ),
)

// Words after which something is gone, stopped, opened to others or handed over.
const destructive =
  /(?:^|[-_.]|(?<!:):)(?:r?delete\w*|del|destroy\w*|remove\w*|rm|rmi|rb|rmdir\w*|rmtree|purge\w*|prune\w*|drop(?!box)\w*|truncate\w*|wipe\w*|erase\w*|kill\w*|terminat\w+|revoke\w*|disable\w*|disabled|unsubscribe|unregister|deregister|unpublish|unlink|forget|reset|flush\w*|clear\w*|archive|expire\w*|evict|drain|cordon|uninstall|detach|stop|shutdown|halt|poweroff|reboot|restart|compact|rollback|downgrade|abort|cancel|suspend|deprovision|decommission|teardown|nuke|obliterate|scrub|zap|force|failover|overwrite|unlock|force-unlock|seal|rekey|rotate\w*|grant\w*|promote|demote|impersonate|transfer\w*|withdraw|payout|refund|charge|pay|publish|deploy|release|apply|patch|update-\w+|put-\w+|modify-\w+|set-\w+|attach-\w+|authorize-\w+|create-access-key|create-user|add-user\w*|adduser|useradd|move|mv|sync|recreate|break-lock|write|edit|set|close|pause|tune|step-down|reconfigure|rebuild\w*|repair|undelete|leave|gc|push|undefine|eject|disown|restore|import|migrate|exec|eval|run-command|send-command|invoke|assume-role\w*|get-session-token|get-federation-token|create-token|print-access-token|print-identity-token|get-access-token|get-login-password|decrypt)(?=$|[-_.:])/i

const destructiveOptions =
  /^--?(?:delete|remove|purge|destroy|prune|drop|wipe|erase|force-delete|force-remove|delete-\w[\w-]*|remove-\w[\w-]*|del|rm|kill|shutdown|truncate|nuke|hard|overwrite|no-preserve-root|reset-offsets|execute|cleanup|clean)(?:=|$)/i

const rehearsal =
  /^--?(?:dry-?run(?:=(?!none|false).*)?|simulate|what-?if|check|preview|help|h|version)$/i

// Code or a statement that somebody else's language runs.
const destructiveText =
  /\b(?:drop|truncate)\s+(?:table|database|schema|index|view|user|role|collection|keyspace|stream)\b|\bdelete\s+from\b|\bupdate\s+\S+\s+set\b|\binsert\s+into\b|\balter\s+(?:table|user|role|system|database)\b|\b(?:grant|revoke)\s+\w+|\.(?:drop|dropDatabase|dropIndex\w*|deleteMany|deleteOne|remove|renameCollection|updateMany|insert\w*|shutdownServer|createUser|dropUser\w*|bulkWrite|findOneAndDelete|runCommand|adminCommand|eval)\s*\(|\b(?:flushall|flushdb|rm\s+-\w*[rf]|mkfs|shutdown)\b|\b(?:system|exec|spawn|popen)\s*\(/i

/** True where a text that is sent somewhere holds a word that deletes. */
export function destructiveWord(text: string): boolean {
  return (
    /(?:^|[^A-Za-z])(?:delete|destroy|remove|purge|drop|truncate|wipe|erase|terminate|revoke|disable|shutdown|flush|prune)/i.test(
      text,
    ) ||
    /(?:Delete|Destroy|Remove|Purge|Terminate|Revoke)\b/.test(text) ||
    /\/(?:clear|reset|stop|restart|close)(?:[/?#\s]|$)/i.test(text) ||
    destructiveText.test(text)
  )
}

/** True where the words after a program's name ask for nothing but a look. */
export function isReadingVerb(word: string): boolean {
  const lower = word.toLowerCase()
  return reading.has(lower) || reading.has(lower.replace(/[-_:.].*$/s, ''))
}

/** True where a subcommand deletes, stops, opens or hands over something. */
export function isDestructiveVerb(word: string): boolean {
  return destructive.test(word)
}

// Words that are as often the name of a thing as an order: `velero restore describe`, `gh release list`.
const things =
  /^(?:restore|archive|release|deploy|patch|import|migrate|sync|exec|invoke|set|move|apply|reset|transfers?|charges?|refunds?|payouts?|grants?)$/i

const mostWords = 6

/**
 * Looks at a command line tool that has no rules of its own: its subcommands and options are words of a language
 * that all such tools share. What only looks passes, what deletes is asked for.
 */
export const byVerbs: Rule = ({ argv }, inspection) => {
  const args = argv.slice(1)
  const name = (argv[0]?.text ?? '').replace(/^.*\//, '')
  checkTexts(args, inspection)
  if (args.some(({ text }) => rehearsal.test(text))) return
  if (
    /(?:^|-)(?:delete|destroy|remove|purge|drop|wipe|kill|reset|uninstall)(?:-|$)|^(?:drop|delete|remove|destroy|purge|kill|wipe)\w*$/i.test(
      name,
    )
  ) {
    inspection.ask('shell.destructive-tool', `${name} deletes or stops something.`)
    return
  }
  for (const { text } of args) {
    if (destructiveOptions.test(text)) {
      inspection.ask('shell.destructive-option', `${name} ${text} deletes or overwrites something.`)
      return
    }
  }
  const words = args.filter(({ text }) => !text.startsWith('-')).slice(0, mostWords)
  for (const [index, { text, known }] of words.entries()) {
    if (!known) {
      inspection.ask('shell.unresolved', `What ${name} does depends on ${text}.`)
      return
    }
    if (!/^[A-Za-z][\w:.-]*$/.test(text)) continue
    if (isReadingVerb(text)) return
    if (things.test(text) && isReadingVerb(words[index + 1]?.text ?? '')) return
    if (isDestructiveVerb(text)) {
      inspection.ask(
        'shell.destructive-verb',
        `${name} ${text} deletes, stops or hands over something.`,
      )
      return
    }
  }
}

/** Reports statements and code among the arguments. */
export function checkTexts(args: readonly Argument[], inspection: Inspection): void {
  for (const { text } of args) {
    if (text.length > 3 && /\W/.test(text) && destructiveText.test(text)) {
      inspection.ask(
        'shell.destructive-text',
        'An argument is a statement or code that changes or deletes something.',
      )
      return
    }
  }
}
