from scanner.inventory.nearest import Nearest


def test_a_typo_finds_its_name() -> None:
    names = Nearest(["websites", "hosts", "http_url"])
    assert names.to("websits") == "websites"
    assert names.to("HOSTS") == "hosts"
    assert names.to("http-url") == "http_url"
    assert names.hint("host") == "; did you mean hosts?"


def test_what_is_near_nothing_finds_nothing() -> None:
    assert Nearest(["websites"]).hint("zzz") == ""
    assert Nearest([]).to("a") is None
    assert Nearest(["a"]).to(5) is None
    assert Nearest(["a"]).to("a" * 10_000) is None


def test_one_slip_is_found_among_any_number_of_names() -> None:
    names = Nearest(f"asset-{number}" for number in range(20_000))
    for typo in ("aset-12345", "assett-12345", "asset_12345", "assot-12345", "assest-12345", "ASSET-12345"):
        assert names.to(typo) == "asset-12345"


def test_looking_for_more_than_a_slip_is_bounded() -> None:
    names = Nearest(f"asset-{number}" for number in range(15_000))
    assert names.to("asst12345") is not None
    assert names.to("asst54321") is None  # comparing with all of them once more would cost too much
