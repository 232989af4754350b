/*
 * The switch at the end of each page: whether it answers what a person does at once, or when the server has. Input: what
 * the person chose in this browser. Output: that; another choice loads the page again.
 */

const key = 'answers-at-once';

/** Tells whether pages predict, and has the switch say so. */
export function answersAtOnce(): boolean {
  const isOn = kept() !== 'no';
  const box = document.getElementById(key);
  if (!(box instanceof HTMLInputElement)) return isOn;
  box.checked = isOn;
  box.disabled = false;
  box.addEventListener('change', () => {
    keep(box.checked ? 'yes' : 'no');
    location.reload();
  });
  return isOn;
}

// a page may be forbidden to keep anything
function kept(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // then it is as it was
  }
}
