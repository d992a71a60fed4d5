from scanner.inventory.defaults import merged_size, with_defaults
from scanner.inventory.tree import plain
from scanner.inventory.yaml_reader import parse

HEAD = "version: 1\n"


def merged(text: str) -> dict:
    root = parse(text).root
    assert root is not None
    return plain(with_defaults(root).node)


def test_mappings_merge_deeply_and_the_entrys_own_values_win() -> None:
    document = merged(
        "defaults: {hosts: {platform: linux, access: {user: a, port: 1}, datasets: [x]}}\n"
        "hosts: [{id: h, access: {port: 2}, datasets: [y]}, {id: i}]"
    )
    assert document["hosts"] == [
        {"id": "h", "access": {"port": 2, "user": "a"}, "datasets": ["y"], "platform": "linux"},
        {"id": "i", "platform": "linux", "access": {"user": "a", "port": 1}, "datasets": ["x"]},
    ]


def test_null_takes_a_default_away(load_text) -> None:
    inventory = load_text(
        "version: 1\ndefaults: {hosts: {platform: linux, access: {user: a, key_file: k}}}\n"
        "hosts: [{id: h, address: a.gov, access: {key_file: null}}]"
    )
    assert inventory.assets[0].access.key_file is None
    assert inventory.assets[0].access.user == "a"


def test_a_secret_and_a_credential_are_replaced_whole() -> None:
    document = merged(
        "defaults: {hosts: {access: {password: {env: A}}}, buckets: {credential: {profile: p}}}\n"
        "hosts: [{platform: linux, access: {password: {file: b}}}]\n"
        "buckets: [{credential: {access_key: {env: C}}}]"
    )
    assert document["hosts"][0]["access"]["password"] == {"file": "b"}
    assert document["buckets"][0]["credential"] == {"access_key": {"env": "C"}}


def test_a_default_transport_decides_which_defaults_fit() -> None:
    document = merged(
        "defaults: {hosts: {access: {transport: winrm, user: a, auth: ntlm, sudo: true}}}\nhosts: [{platform: linux}]"
    )
    assert document["hosts"][0]["access"] == {"transport": "winrm", "user": "a", "auth": "ntlm"}


def test_a_wrong_default_is_told_once_with_its_own_line(problems_of) -> None:
    text = (
        "version: 1\ndefaults:\n  hosts:\n    access:\n      port: 99999\n"
        "hosts:\n- {id: a, address: a.gov, platform: linux}\n- {id: b, address: b.gov, platform: linux}\n"
    )
    [problem] = problems_of(text)
    assert (problem.line, problem.key) == (5, "hosts[0].access.port")


def test_entries_and_defaults_of_the_wrong_kind_are_left_for_the_models(problems_of) -> None:
    assert [p.key for p in problems_of("version: 1\ndefaults: {hosts: [x]}\nhosts: [5]")] == [
        "defaults.hosts",
        "hosts[0]",
    ]
    assert [p.key for p in problems_of("version: 1\ndefaults: 5\nhosts: {a: b}")] == ["defaults", "hosts"]


def test_the_size_of_the_merge_is_known_before_it_is_done(problems_of) -> None:
    keys = ", ".join(f"k{n}: x" for n in range(2000))
    text = f"version: 1\ndefaults: {{hosts: {{{keys}}}}}\nhosts:\n" + "- {id: a}\n" * 1000
    root = parse(text).root
    assert root is not None
    assert merged_size(root) > 1_000_000
    [problem] = problems_of(text)
    assert "1,000,000 values" in problem.message
