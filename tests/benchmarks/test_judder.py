from benchmarks.suite.judder import WAYS, WEATHER, play


def test_interpolation_is_even_at_little_age() -> None:
    results = {name: play(WEATHER["tracking takes 10 to 25 ms"], way(), 0.004) for name, way in WAYS.items()}
    assert results["interpolated"][0] < 0.2 < results["extrapolated"][0] < 1.5 < results["repeated"][0]
    mean = {name: sum(ages) / len(ages) for name, (_, ages) in results.items()}
    assert mean["interpolated"] < mean["repeated"] + 0.020
