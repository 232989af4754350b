/*
 * The keyboard in the users' table: one stop for the tab key, from which arrows lead to every other button; F2 opens a
 * cell as Enter does, and Escape leaves it. Input: keys. Output: focus, clicks, and forms that are sent or reset: what
 * these mean is the server component's. Nothing here knows what stands in the table.
 */

const buttons = 'th button, td button';

/** @param island The element of the server component, in which the table comes and changes. */
export function watchKeys(island: HTMLElement): void {
  let current: Element | null = null;

  /** Keeps one button of the table's body in reach of the tab key, and each that came since out of it. */
  const settle = (): void => {
    const cells = [...island.querySelectorAll<HTMLElement>('tbody .cell, tbody .remove')];
    if (!current?.isConnected) current = cells[0] ?? null;
    for (const cell of cells) cell.tabIndex = cell === current ? 0 : -1;
  };

  island.addEventListener('focusin', ({ target }) => {
    if (!(target instanceof Element) || !target.matches('tbody .cell, tbody .remove')) return;
    current = target;
    settle();
  });
  island.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target instanceof HTMLElement && press(event.key, event.target)) event.preventDefault();
  });
  new MutationObserver(settle).observe(island, { childList: true, subtree: true });
  settle();
}

/** Gives whether the key meant something. */
function press(key: string, target: HTMLElement): boolean {
  const form = target.closest('form');
  if (form?.matches('.edit')) {
    if (key === 'Escape') form.reset();
    // a list of choices does not send its form by itself
    else if (key === 'Enter' && target instanceof HTMLSelectElement) form.requestSubmit();
    else return false;
    return true;
  }
  if (!target.matches(buttons)) return false;
  if (key === 'F2' && target.matches('.cell')) target.click();
  else return move(key, target);
  return true;
}

function move(key: string, target: HTMLElement): boolean {
  const row = target.closest('tr');
  if (row === null) return false;
  const beside = [...row.querySelectorAll<HTMLElement>(buttons)];
  const at = beside.indexOf(target);
  const rows = [...(row.closest('table')?.rows ?? [])];
  const column = target.closest<HTMLTableCellElement>('th, td')?.cellIndex ?? 0;
  /** The same column of another row; of one that has nothing there, the next. */
  const across = (step: number): HTMLElement | null | undefined => {
    for (let index = rows.indexOf(row) + step; rows[index]; index += step) {
      const button = rows[index]?.cells[column]?.querySelector<HTMLElement>('button');
      if (button) return button;
    }
    return undefined;
  };
  const keys: Readonly<Record<string, () => HTMLElement | null | undefined>> = {
    ArrowLeft: () => beside[at - 1],
    ArrowRight: () => beside[at + 1],
    ArrowUp: () => across(-1),
    ArrowDown: () => across(1),
    Home: () => beside[0],
    End: () => beside.at(-1),
  };
  const find = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (find === undefined) return false;
  find()?.focus();
  return true;
}
