// The script of the pages of elements.test.ts.

import { register } from '../../client-runtime/app/register.ts';
import { rating } from '../../components/rating.ts';
import { field } from './field.ts';

register(rating);
register(field);

// such a page is never kept as it is while one is on another: coming back to it loads it, and restores its forms
addEventListener('unload', () => {});
