/** Words that nearly every text has, in a few languages; what they mean in none of them is worth finding. */
const stopWords: ReadonlySet<string> = new Set(
  `a an the and or but if so as at by for from in into of off on onto out over to up with without about than then
  that this these those there here it its i me my mine myself we us our ours you your yours he him his she her hers
  they them their theirs who whom whose which what when where why how is am are was were be been being do does did
  doing done have has had having will would shall should can could may might must not no nor yes ok okay too very
  just also only any some all both each such own same other more most again ever
  i'm i've i'd i'll you're you've you'd you'll he's she's it's we're we've we'll they're they've that's there's
  what's who's where's when's how's let's don't doesn't didn't isn't aren't wasn't weren't can't couldn't won't
  wouldn't shouldn't haven't hasn't hadn't s t d ll re ve m user
  der die das den dem des ein eine einen einem einer eines und oder aber wenn als auch ich mich mir mein meine du dich
  dir dein deine er sie es wir uns ihr ist bin bist sind war waren hat habe haben hast wird werden mit von zu zum zur
  im am auf für aus bei nach nicht kein keine was wer wie wo wann warum
  le la les un une des du de et ou mais je me moi mon ma mes tu te toi ton ta tes il elle nous vous ils elles est suis
  es sont était ai as à avez ont que qui quoi dans sur pour par avec pas ne ce cette ces
  el los las una unos y o pero yo mi mis tus su sus es son era está he ha han en del al con por para no que se lo
  os um uma e meu minha seu sua do da dos das em no na não é
  il lo gli di che non per con una sono`
    .split(/\s+/)
    .filter((word) => word !== ''),
)

/** True for a word, in lower case, that says nothing about what a text is about. */
export function isStopWord(word: string): boolean {
  return stopWords.has(word)
}
