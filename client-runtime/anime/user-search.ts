/*
 * `<user-search>`: a field that suggests users while somebody types, in the browser alone: a plain custom element,
 * drawn with uhtml into itself. The server component around it never looks inside; it hears `choose`, whose detail has
 * the id. It follows the combobox pattern of the ARIA practices: the focus stays in the field, arrows mark a
 * suggestion.
 */

import { html, render } from 'uhtml';
import { plural } from '../../components/plural.ts';
import { type Answer, AskError, createSuggester, type Suggestion, type SuggestionState } from './suggestions.ts';

const address = '/admin/users/suggestions?prefix=';

const failures = {
  offline: 'You are offline',
  ended: 'You are not logged in any more',
  failed: 'No suggestions just now',
} as const;

class UserSearch extends HTMLElement {
  #text = '';
  #state: SuggestionState = { kind: 'idle' };
  /** Which suggestion is marked; -1: none. */
  #active = -1;
  #isOpen = false;
  readonly #suggester = createSuggester({
    ask,
    onState: (state) => {
      this.#state = state;
      this.#active = -1;
      this.#draw();
    },
  });

  connectedCallback(): void {
    addEventListener('online', this.#retry);
    this.#draw();
  }

  disconnectedCallback(): void {
    removeEventListener('online', this.#retry);
    this.#suggester.reset();
  }

  readonly #retry = (): void => {
    if (this.#state.kind === 'failed') this.#suggester.retry();
  };

  get #users(): readonly Suggestion[] {
    return this.#isOpen && 'users' in this.#state ? this.#state.users : [];
  }

  #draw(): void {
    const users = this.#users;
    const isShown = users.length > 0;
    render(
      this,
      html`
        <label for="user-search-field">Find a user</label>
        <input
          id="user-search-field"
          type="search"
          role="combobox"
          autocomplete="off"
          autocapitalize="none"
          spellcheck="false"
          maxlength="100"
          placeholder="Name or email"
          aria-autocomplete="list"
          aria-controls="user-search-list"
          aria-expanded=${String(isShown)}
          aria-activedescendant=${this.#active < 0 ? null : optionId(users[this.#active])}
          .value=${this.#text}
          @input=${(event: Event) => this.#type((event.target as HTMLInputElement).value)}
          @keydown=${(event: KeyboardEvent) => this.#press(event)}
          @focus=${() => this.#open()}
          @blur=${() => this.#close()}
        >
        <ul id="user-search-list" role="listbox" aria-label="Users" ?hidden=${!isShown}>
          ${users.map(
            (user, at) => html`
              <li
                id=${optionId(user)}
                role="option"
                aria-selected=${String(at === this.#active)}
                @mousedown=${(event: Event) => event.preventDefault()}
                @click=${() => this.#choose(user)}
              ><b>${user.name}</b> <span>${user.email}</span></li>
            `,
          )}
        </ul>
        <p role="status">${this.#note()}</p>
      `,
    );
  }

  #note(): string {
    const state = this.#state;
    if (!this.#isOpen) return '';
    switch (state.kind) {
      case 'idle':
        return '';
      case 'waiting':
        return 'Searching…';
      case 'failed':
        return failures[state.why];
      case 'found': {
        const { length } = state.users;
        if (length === 0) return 'Nobody found';
        const count = plural(length, 'user');
        return state.isComplete ? count : `The first ${count}`;
      }
    }
  }

  #type(text: string): void {
    this.#text = text;
    this.#isOpen = true;
    this.#suggester.type(text);
    this.#draw();
  }

  #open(): void {
    this.#isOpen = true;
    this.#suggester.type(this.#text);
    this.#draw();
  }

  /** Whoever comes back later gets new answers. */
  #close(): void {
    this.#isOpen = false;
    this.#active = -1;
    this.#suggester.reset();
    this.#state = { kind: 'idle' };
    this.#draw();
  }

  #press(event: KeyboardEvent): void {
    const { key } = event;
    const users = this.#users;
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      const step = key === 'ArrowDown' ? 1 : -1;
      // one place more than there are suggestions: that of the field itself
      const places = users.length + 1;
      this.#active = ((this.#active + 1 + step + places) % places) - 1;
    } else if (key === 'Enter') {
      const user = users[this.#active] ?? (users.length === 1 ? users[0] : undefined);
      if (user) this.#choose(user);
    } else if (key === 'Escape') {
      // the first closes the list, the second empties the field
      if (users.length === 0) this.#type('');
      this.#isOpen = false;
      this.#active = -1;
    } else return;
    event.preventDefault();
    this.#draw();
    this.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }

  #choose({ id }: Suggestion): void {
    this.#text = '';
    // the page moves the focus to where the user is
    this.querySelector('input')?.blur();
    this.dispatchEvent(new CustomEvent('choose', { bubbles: true, detail: { id } }));
  }
}

function optionId(user: Suggestion | undefined): string | null {
  return user === undefined ? null : `suggestion-${user.id}`;
}

async function ask(text: string, signal: AbortSignal): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(address + encodeURIComponent(text), { signal, headers: { accept: 'application/json' } });
  } catch {
    throw new AskError(navigator.onLine ? 'failed' : 'offline');
  }
  if (!response.ok) throw new AskError(response.status === 401 ? 'ended' : 'failed');
  return toAnswer(await response.json());
}

/** @throws AskError for an answer that is none. */
function toAnswer(json: unknown): Answer {
  const { users, isComplete } = (json ?? {}) as { readonly [key in keyof Answer]?: unknown };
  if (!Array.isArray(users) || !users.every(isSuggestion)) throw new AskError('failed');
  return { users, isComplete: isComplete === true };
}

function isSuggestion(value: unknown): value is Suggestion {
  const { id, name, email } = (value ?? {}) as { readonly [key in keyof Suggestion]?: unknown };
  return typeof id === 'number' && typeof name === 'string' && typeof email === 'string';
}

export function registerUserSearch(): void {
  if (!customElements.get('user-search')) customElements.define('user-search', UserSearch);
}
