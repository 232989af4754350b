// The script of the page of test/e2e/predicted-throws.test.ts.

import { predict } from '../../client-runtime/predict/predict.ts';
import { throwing } from './predicted-throwing.ts';

predict('/ws/throwing', throwing);
predict('/ws/thorwing', throwing);
predict('/ws/plain/:name', throwing);
