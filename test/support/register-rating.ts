// The script of a page with `<anime-rating>`: what an app's own entry file would be. Bundled by the tests that need it.

import { register } from '../../client-runtime/app/register.ts';
import { rating } from '../../components/rating.ts';

register(rating);
