import pytest

from bear_tui.forecast import Estimate, RateCurve, rising_rates, sample_epochs


@pytest.mark.parametrize(
    ("estimate", "sentence"),
    [
        (Estimate(2_300_000_000, 41.4, 41.4), "about 2.3 GB · about 41 s an epoch"),
        (Estimate(480_000_000, 7.3, 0.2), "about 0.5 GB · about 7.3 s once, then 1 s an epoch"),
        (Estimate(0, 41.4, 2.0, 8), "about 0.0 GB · about 41 s an epoch, after 8 epochs 2 s"),
        (Estimate(9_000_000_000, 1234.0, 1234.0), "about 9.0 GB · about 21 min an epoch"),
        (Estimate(0, 9000.0, 9000.0), "about 0.0 GB · about 2.5 h an epoch"),
    ],
)
def test_an_estimate_reads_as_one(estimate: Estimate, sentence: str) -> None:
    assert estimate.sentence() == sentence


def test_the_suggested_rate_is_where_the_loss_begins_to_fall_fastest() -> None:
    assert RateCurve((1e-3, 1e-2, 1e-1, 1.0), (0.7, 0.5, 0.2, 3.0)).suggested == pytest.approx(0.01)


@pytest.mark.parametrize("losses", [(), (0.7,), (0.7, 0.8, 0.9), (0.7, 0.7, 0.7)])
def test_where_no_rate_lowers_the_loss_none_is_suggested(losses: tuple[float, ...]) -> None:
    assert RateCurve(tuple(rising_rates(1e-3, 1.0, 4))[: len(losses)], losses).suggested is None


def test_rates_rise_by_the_same_multiple() -> None:
    assert rising_rates(1e-6, 1.0, 7) == pytest.approx([1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0])


@pytest.mark.parametrize(
    ("seconds", "epochs"), [(0.0, 14), (1.0, 14), (4.5, 13), (6.0, 10), (7.5, 8), (60.0, 8)]
)
def test_the_samples_training_takes_about_a_minute_where_it_still_learns(
    seconds: float, epochs: int
) -> None:
    assert sample_epochs(seconds) == epochs
