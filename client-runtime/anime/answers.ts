/*
 * What the tracker's pages answer at once: the score of the list, and one's own vote. Input: the same components as the
 * server's. What they ask for by services only the server can do, and a page never starts it.
 */

import { rating } from '../../components/rating.ts';
import { createVote, type VoteSource } from '../../components/vote.ts';
import { predict } from '../predict/predict.ts';
import { answersAtOnce } from './switch.ts';

const onServer = (): never => {
  throw new Error('votes are stored by the server');
};
const source: VoteSource = { read: onServer, cast: onServer, changes: { name: 'votes', subscribe: onServer } };

export function answerRatings(): void {
  if (!answersAtOnce()) return;
  predict('/ws/rate', rating);
  predict('/ws/vote/:animeId', createVote(source));
}
