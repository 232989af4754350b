import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observe, simulate } from 'islet/testing';
import { createBoard } from '../components/board.ts';
import { createCardForm } from '../components/card-form.ts';
import { openData } from '../data.ts';

test('the board shows the cards as they are, and removes one', () => {
  const data = openData(':memory:');
  data.addCard('Milk', 'ann');
  const board = simulate(createBoard(data), { cards: data.cards() });
  assert.match(board.html(), /1 card<.*<b>Milk<\/b> <small>by ann</s);
  board.send({ type: 'UserClickedRemove', id: 1 });
  for (const each of board.effects) observe(each);
  assert.deepEqual(data.cards(), []);
});

test('a card without a title is not added, and the form says so', () => {
  const data = openData(':memory:');
  const form = simulate(createCardForm(data), { user: 'ann' });
  form.send({ type: 'UserSent', title: '  ' });
  assert.match(form.html(), /role="alert">A card needs a title/);
  form.send({ type: 'UserTyped', title: 'Milk' }, { type: 'UserSent', title: 'Milk' });
  for (const each of form.effects) observe(each);
  assert.equal(form.model.title, '');
  assert.deepEqual(
    data.cards().map((card) => card.title),
    ['Milk'],
  );
});
