/** Opens the samples of a run as soon as its panel is there: a user's next click, without the user's time. */

const LOOKS_MS = 60_000;
const LOOK_MS = 4;

function look(): void {
  const tab = document.querySelector<HTMLElement>('#tab-samples');
  if (tab) tab.click();
  else if (performance.now() < LOOKS_MS) setTimeout(look, LOOK_MS);
}
if (window !== top) look();
