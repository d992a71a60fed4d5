from pathlib import Path

import pytest

from scanner.inventory import InventoryError, for_url


def test_one_site_is_an_inventory_of_its_own(tmp_path: Path) -> None:
    inventory = for_url("https://www.City.gov/path", folder=tmp_path)
    [site] = inventory.assets
    assert (site.id, site.url, site.http_url) == ("www.city.gov", "https://www.city.gov/path", "http://www.city.gov/")
    assert inventory.municipality.name == "www.city.gov"
    assert inventory.path == tmp_path / "inventory.yaml"
    assert not inventory.path.exists()


def test_the_digest_is_that_of_the_site(tmp_path: Path) -> None:
    first, again = (for_url("https://www.city.gov", folder=tmp_path / name) for name in "ab")
    assert len(first.sha256) == 64
    assert first.sha256 == again.sha256 != for_url("https://city.gov", folder=tmp_path).sha256


def test_an_ipv6_site_has_its_address_as_id(tmp_path: Path) -> None:
    [site] = for_url("https://[fd00::1]:8443/", folder=tmp_path).assets
    assert (site.id, site.http_url, site.port) == ("fd00::1", "http://[fd00::1]/", 8443)


@pytest.mark.parametrize(
    "url",
    ["", "www.city.gov", "http://www.city.gov", "https://", "https:///x", "https://a b", "https://user:x@city.gov",
     "https://city.gov:0", "https://city.gov:99999", "https://city.gov:", "https://[::1", "https://city..gov",
     "https://-city.gov", "https://1.2.3.400", "https://münchen.de", "https://city.gov\n", "https://city.gov\\@x",
     "file:///etc/passwd", "javascript:alert(1)", "https://" + "a" * 300, "https://a.gov/\x00",
     "https://city.gov@1.2.3.4"],
)  # fmt: skip
def test_anything_but_a_sane_https_address_is_an_inventory_error(tmp_path: Path, url: str) -> None:
    with pytest.raises(InventoryError) as caught:
        for_url(url, folder=tmp_path)
    [problem] = caught.value.problems
    assert problem.file == "--url"
    assert "such as https://www.city.gov" in problem.message
