/*
 * What stands in open cells of the users' table while it has no server: a new one knows of no open cell. Input: the
 * table before and after. Output: the same cells are opened again, and hold what was typed, where what is stored is
 * still what whoever types has seen.
 */

export interface TypedCell {
  /** Finds the cell. */
  readonly selector: string;
  readonly typed: string;
  /** What was stored when the cell was opened. */
  readonly stored: string;
}

export function readTypedCells(island: HTMLElement): TypedCell[] {
  const fields = island.querySelectorAll<HTMLInputElement | HTMLSelectElement>('.edit [name="value"]');
  return [...fields].map((field) => ({
    selector: `#${field.closest('tr')?.id} .${field.closest('td, th')?.className}`,
    typed: field.value,
    stored: storedOf(field),
  }));
}

/** Opens the cells that are closed now. Gives those that were, and those that cannot be. */
export function reopenCells(island: HTMLElement, cells: readonly TypedCell[]) {
  const opened: TypedCell[] = [];
  const lost: TypedCell[] = [];
  for (const cell of cells) {
    if (isOpen(island, cell)) continue;
    const button = island.querySelector<HTMLElement>(`${cell.selector} .cell`);
    const isSame = button !== null && button.textContent === cell.stored;
    (isSame ? opened : lost).push(cell);
    if (isSame) button.click();
  }
  return { opened, lost };
}

export function isOpen(island: HTMLElement, cell: TypedCell): boolean {
  return island.querySelector(fieldOf(cell)) !== null;
}

/** The selector of the field in which somebody types. */
export function fieldOf({ selector }: TypedCell): string {
  return `${selector} [name="value"]`;
}

function storedOf(field: HTMLInputElement | HTMLSelectElement): string {
  if (field instanceof HTMLInputElement) return field.defaultValue;
  return [...field.options].find((option) => option.defaultSelected)?.value ?? '';
}
