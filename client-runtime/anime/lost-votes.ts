/*
 * A vote that was saved and lost has no answer from the server, and its rating would wait for one for good. Input: what
 * the islands of the page tell of lost events. Output: their ratings hear that there is nothing more to wait for. That
 * the vote may not have arrived is said by the tracker (`components/tracker/views.ts`).
 */

export function watchLostVotes(): void {
  for (const name of ['islet:dropped', 'islet:refused']) document.addEventListener(name, answer);
}

function answer({ target }: Event): void {
  if (!(target instanceof Element)) return;
  // any text other than the server's; what it says next is another again
  for (const rating of target.querySelectorAll('anime-rating')) rating.setAttribute('answers', 'lost');
}
