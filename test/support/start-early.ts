// The client components of early.ts.

import { register } from '../../client-runtime/app/register.ts';
import { note, shadowNote } from './early.ts';

register(note);
register(shadowNote);
