"""Several processes train what one would: the same sums, one noise, the same weights everywhere."""

import random

import pytest
import torch

from uncase_pipeline.adapter import mechanism
from uncase_pipeline.adapter.crew import Crew
from uncase_pipeline.adapter.trainer import PrivateSFTTrainer
from uncase_pipeline_tests.adapter.processes import together
from uncase_pipeline_tests.adapter.test_mechanism import CLIP, trainer_of


class WithoutNoise(PrivateSFTTrainer):
    """Its sums can be compared; no setting leads here."""

    def add_noise(self, total, std):
        return total

    def require_noise(self, totals, noised, std):
        pass


def flat(tensors):
    return torch.cat([tensor.detach().flatten() for tensor in tensors]).clone()


def trained(crew, model, base, examples, folder, units):
    """Train three steps on draws that are the same in every test process, and return the weights."""
    dice = random.Random(3)
    mechanism.os = type("Draws", (), {"urandom": staticmethod(dice.randbytes)})
    trainer, _ = trainer_of(model, base, examples, folder, units=units, build=WithoutNoise, crew=crew)
    trainer.train()
    return flat(trainer.leaf.parameters).tolist()


def noised(crew, model, base, examples, folder):
    """Take one empty step, and return the gradient."""
    trainer, _ = trainer_of(model, base, examples, folder, sigma=3.0, crew=crew)
    counted = []
    trainer._before_release = lambda: counted.append(1)
    trainer.training_step(trainer.model, {"micro_batches": []})
    return flat([weight.grad for weight in trainer.leaf.parameters]).tolist(), len(counted)


def shares(crew):
    """Return what each process takes of three draws."""
    return [crew.share(drawn, 6) for drawn in ([0, 2, 3, 5], [], [4])]


def test_each_drawn_unit_goes_to_one_process_and_a_process_may_have_none(tmp_path):
    one, other = together(2, tmp_path, shares)
    assert [sorted(a + b) for a, b in zip(one, other, strict=True)] == [[0, 2, 3, 5], [], [4]]
    assert Crew().share([0, 2], 6) == [0, 2]


@pytest.fixture
def unchanged_draws(monkeypatch):
    monkeypatch.setattr(mechanism, "os", mechanism.os)


def test_two_processes_end_with_the_weights_of_one(model, base, examples, tmp_path, unchanged_draws):
    units = [0, 0, 1, 2, 2, 3]
    together_ended = together(2, tmp_path, trained, model, base, examples, tmp_path / "two", units)
    before = flat([weight for weight in model.parameters() if weight.requires_grad])
    alone = torch.tensor(trained(Crew(), model, base, examples, tmp_path / "one", units))
    assert together_ended[0] == together_ended[1], "the weights of all processes are the same"
    moved = float((alone - before).norm())
    assert moved > 0.001
    assert float((torch.tensor(together_ended[0]) - alone).norm()) < 1e-4 * moved


def test_there_is_one_noise_of_the_promised_size_and_it_is_counted_once(model, base, examples, tmp_path):
    (one, counted), (other, counted_there) = together(2, tmp_path, noised, model, base, examples, tmp_path)
    noise = torch.tensor(one)
    assert one == other
    assert float(noise.std()) == pytest.approx(3.0 * CLIP / (0.5 * len(examples)), rel=0.03)
    assert (counted, counted_there) == (1, 0)
