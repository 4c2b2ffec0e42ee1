from parcelpost.carriers import CarrierUnavailable, call_with_retry


def test_gives_up_after_the_last_attempt():
    def never():
        raise TimeoutError

    try:
        call_with_retry(never, attempts=3, sleep=lambda _: None)
    except CarrierUnavailable:
        return
    raise AssertionError("should have given up")


def test_waits_longer_each_time():
    waits = []
    answers = iter([ConnectionError(), ConnectionError(), "ok"])

    def flaky():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert call_with_retry(flaky, sleep=waits.append) == "ok"
    assert len(waits) == 2
