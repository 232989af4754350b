/*
 * A user as the admin page shows it, and what may stand in each column. Input: what an administrator typed. Output: the
 * value to store, or a message that says what is wrong.
 */

export interface UserRow {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly country: string;
  /** `YYYY-MM-DD` */
  readonly joined: string;
  /** Counts the changes of this user. */
  readonly revision: number;
}

export type Role = (typeof roles)[number];
export const roles = ['member', 'moderator', 'admin'] as const;

/** What can be changed in the table. */
export type Field = (typeof fields)[number];
const fields = ['name', 'email', 'role', 'country'] as const;

export type Checked = { readonly value: string } | { readonly problem: string };

export const maxLengths = { name: 100, email: 254, role: 20, country: 2 } as const satisfies Record<Field, number>;

const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/**
 * Controls, halves of characters, and what turns the direction of all that follows: databases refuse the first two, and
 * a name with the third would turn what is said beside it. In names others are letters' own: joiners, marks of
 * direction.
 */
const unseen = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

/** Checks what was typed for a field. Whether an address is taken only the database knows. */
export function checkField(field: Field, text: string): Checked {
  const value = text.normalize('NFC').trim().replace(/\s+/g, ' ');
  const length = [...value].length;
  if (unseen.test(value) || (field === 'email' && /\p{Cf}/u.test(value))) {
    return { problem: 'There are signs in it that cannot be seen. Type it anew.' };
  }
  if (length > maxLengths[field]) return { problem: `At most ${maxLengths[field]} characters; these are ${length}.` };
  switch (field) {
    case 'name':
      return /[\p{L}\p{N}]/u.test(value) ? { value } : { problem: 'A name is needed.' };
    case 'email':
      return /^[^\s@<>()[\]\\,;:"]+@[^\s@.<>()[\]\\,;:"]+(\.[^\s@.<>()[\]\\,;:"]+)+$/.test(value)
        ? { value }
        : { problem: 'This is no email address. One looks like name@example.com.' };
    case 'role':
      return isRole(value) ? { value } : { problem: `A role is one of: ${roles.join(', ')}.` };
    case 'country':
      return isCountry(value.toUpperCase())
        ? { value: value.toUpperCase() }
        : { problem: 'A country is two letters, such as JP or BR.' };
  }
}

export function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text);
}

/** Two letters that ISO 3166 has a country for. `ZZ` stands for none. */
function isCountry(code: string): boolean {
  return /^[A-Z]{2}$/.test(code) && code !== 'ZZ' && regions.of(code) !== undefined;
}
