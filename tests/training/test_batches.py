import threading
import time
from dataclasses import fields
from itertools import islice

import pytest
import torch

from napari_sharpgan.training import train_steps
from napari_sharpgan.training.batches import AHEAD, made_ahead, paired


def threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("next-batch")]


def test_batches_come_in_order_each_made_once():
    made = []
    batches = made_ahead(lambda number: made.append(number) or number, range(3, 8))
    assert list(batches) == made == [3, 4, 5, 6, 7]
    assert list(made_ahead(made.append, range(0))) == []


def test_the_next_batches_are_made_while_this_one_is_trained_on():
    begun = {number: threading.Event() for number in range(AHEAD + 2)}
    batches = made_ahead(lambda number: begun[number].set() or number, range(AHEAD + 2))
    assert next(batches) == 0
    assert all(begun[number].wait(10) for number in range(1, AHEAD + 1))
    assert not begun[AHEAD + 1].wait(0.1)  # no more ahead: memory stays what it is
    batches.close()


def test_an_error_surfaces_where_the_batch_is_asked_for():
    def broken(number):
        if number == 1:
            raise ValueError("crop 1 is broken")
        return number

    batches = made_ahead(broken, range(3))
    assert next(batches) == 0
    with pytest.raises(ValueError, match="crop 1 is broken"):
        next(batches)
    assert threads() == []


def test_no_thread_is_left_when_the_loop_ends_before_the_batches_do():
    batches = made_ahead(lambda number: time.sleep(0.05), range(100))
    list(islice(batches, 2))
    assert len(threads()) == AHEAD
    batches.close()
    assert threads() == []


def test_training_on_batches_made_ahead_is_training_on_them_one_by_one(trainer_for):
    ahead, plain = trainer_for(steps=3, dropout=0.5), trainer_for(steps=3, dropout=0.5)
    losses = [ahead.train_step(batch) for batch in made_ahead(ahead.share, range(3))]
    assert losses == [step.losses for step in train_steps(plain)]


def test_shares_of_a_batch_make_up_the_batch(trainer_for):
    trainer = trainer_for(batch_size=3)
    whole = trainer.batch(5)
    parts = [trainer.drawn(5, crops) for crops in (range(2), range(2, 3))]
    for field in fields(whole):
        joined = torch.cat([getattr(part, field.name) for part in parts])
        assert torch.equal(joined, getattr(whole, field.name))


@pytest.mark.parametrize("stained", [True, False])
def test_the_discriminator_sees_condition_stain_and_tissue(trainer_for, stained):
    batch = trainer_for(stain=stained).batch(0)
    pair = paired(batch.given(torch.bfloat16), batch.tissue)
    assert pair.dtype == torch.bfloat16
    assert pair.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(pair[:, :1], batch.condition.bfloat16())
    torch.testing.assert_close(pair[:, -3:], batch.tissue.bfloat16())
    assert pair.shape[1] == (10 if stained else 4)
