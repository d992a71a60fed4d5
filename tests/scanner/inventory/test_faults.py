import pytest

from scanner.inventory.faults import key_of


@pytest.mark.parametrize(
    ("loc", "key"),
    [
        ((), ""),
        (("websites", 3, "url"), "websites[3].url"),
        (("hosts", 0, "access", "port"), "hosts[0].access.port"),
        (("hosts", 0, "access", "password", "hunter2"), "hosts[0].access.password"),
        (("defaults", "hosts", "access", "password", "hunter2"), "defaults.hosts.access.password"),
        (("buckets", 0, "credential", "AKIA1234"), "buckets[0].credential"),
        (("buckets", 0, "credential", "access_key", "x"), "buckets[0].credential.access_key"),
        (("vendors", 0, "contract", "clauses", "challenge_demand"), "vendors[0].contract.clauses.challenge_demand"),
        (("devices", 0, "columns", "serial"), "devices[0].columns.serial"),
        (("devices", 0, "columns", "a b"), "devices[0].columns"),
        (("x-anchors", "a", "b"), "x-anchors"),
        (("websites", 0, "colour"), "websites[0].colour"),
        (("websites", 0, "https://u:p@h"), "websites[0]"),
        (("policy", "hsts_min_age"), "policy.hsts_min_age"),
    ],
)
def test_a_place_is_named_up_to_where_a_secret_may_stand(loc: tuple, key: str) -> None:
    assert key_of(loc) == key
