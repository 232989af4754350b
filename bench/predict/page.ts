/*
 * The script of the measured pages: pages of the predicted routes answer by themselves, the others have it in vain.
 */

import { predict } from '../../client-runtime/predict/predict.ts';
import { board } from './board.ts';

predict('/bench/predicted', board);
predict('/bench/predicted/:name', board);
