import pytest
import yaml

from scanner.inventory import yaml_reader
from scanner.inventory.tree import BROKEN, Entry, find, plain
from scanner.inventory.yaml_reader import Parsed, parse

PARSERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])]


@pytest.fixture(params=PARSERS, ids=lambda parser: parser.__name__, autouse=True)
def each_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything holds with libyaml and without."""
    monkeypatch.setattr(yaml_reader, "_PARSER", request.param)


def read(text: str) -> object:
    parsed = parse(text)
    assert parsed.flaws == []
    return plain(root(parsed).node)


def root(parsed: Parsed) -> Entry:
    assert parsed.root is not None
    return parsed.root


def flaws(text: str) -> list[tuple[int, str]]:
    return [(flaw.line, flaw.message) for flaw in parse(text).flaws]


def test_every_entry_knows_the_line_of_its_key() -> None:
    parsed = parse("a: 1\nb:\n  c:\n    - x\n    -\n      d: 2\ne: {f: g,\n  h: i}\n")
    for loc, line in {
        ("a",): 1,
        ("b",): 2,
        ("b", "c"): 3,
        ("b", "c", 0): 4,
        ("b", "c", 1): 6,
        ("b", "c", 1, "d"): 6,
        ("e", "f"): 7,
        ("e", "h"): 8,
    }.items():
        entry, rest = find(root(parsed), loc)
        assert (entry.line, rest) == (line, ()), loc


def test_anchors_aliases_and_merge_keys_work() -> None:
    text = "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz: {<<: [*x, *y], a: 0}\nw: {<<: *x}\nv: *x\n"
    document = read(text)
    assert document == {
        "x": {"a": 1, "b": 2},
        "y": {"b": 3, "c": 4},
        "z": {"a": 0, "b": 2, "c": 4},
        "w": {"a": 1, "b": 2},
        "v": {"a": 1, "b": 2},
    }


def test_a_merged_key_keeps_the_line_of_its_anchor_and_an_alias_has_its_own() -> None:
    parsed = parse("x: &x\n  a: 1\nl:\n- <<: *x\n- *x\n")
    assert find(root(parsed), ("l", 0, "a"))[0].line == 2
    assert find(root(parsed), ("l", 1))[0].line == 5


def test_a_quoted_merge_sign_is_an_ordinary_key() -> None:
    assert read("a: {'<<': 1}") == {"a": {"<<": 1}}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: 2\na: 3", 3, "stands twice in one mapping, first in line 1"),
        ("a: 1\nb: !x c", 2, "a YAML tag"),
        ("a: !!str 5", 1, "a YAML tag"),
        ("a: !!python/object/apply:os.system [x]", 1, "a YAML tag"),
        ("a: ! x", 1, "a YAML tag"),
        ("a: *nobody", 1, "no anchor"),
        ("a: &a [*a]", 1, "refers to the very value"),
        ("1: x", 1, "not text"),
        ("true: x", 1, "not text"),
        ("? [a, b]\n: x", 1, "not text"),
        ("2027-01-01: x", 1, "not text"),
        ("a: {<<: 5}", 1, "takes a mapping"),
        ("a: {<<: [5]}", 1, "takes a mapping"),
        ("x: &x {a: 1}\nb:\n  <<: *x\n  <<: *x", 4, "stands twice"),
    ],
)
def test_what_an_inventory_must_not_hold_is_told_with_its_line(text: str, line: int, says: str) -> None:
    [(at, message)] = flaws(text)
    assert at == line
    assert says in message


def test_flaws_do_not_stop_the_reading() -> None:
    parsed = parse("a: !x 1\nb: *c\nd: 1\nd: 2\n")
    assert [flaw.line for flaw in parsed.flaws] == [1, 2, 4]
    assert plain(root(parsed).node) == {"a": BROKEN, "b": BROKEN, "d": 1}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [1, 2\nc: 3", 3),
        ("a: 1\n  b: 2", 2),
        ("a: 'x", 1),
        ('a: "\\q"', 1),
        ('a: "\\U00110000"', None),
        ("a: 1\n\tb: 2", 2),
        ("a: @x", 1),
        ("a: b: c", 1),
        ("}", 1),
        ("%YAML 3.0\n---\na: 1", None),
        ("a: 1\n---\nb: 2", 2),
        ("a: &", 1),
        ("!<x", 1),
    ],
)
def test_broken_yaml_is_one_flaw_with_its_line(text: str, line: int | None) -> None:
    parsed = parse(text)
    assert parsed.root is None
    [flaw] = parsed.flaws
    assert line is None or flaw.line == line


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n", "--- null\n", "~"])
def test_an_empty_file_is_told_so(text: str) -> None:
    [(line, message)] = flaws(text)
    assert "the file is empty" in message
    assert line == 0


def test_one_document_may_have_its_marks() -> None:
    assert read("%YAML 1.2\n---\na: 1\n...\n") == {"a": 1}


def test_an_alias_bomb_is_refused_before_it_is_written_out() -> None:
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    text += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30))
    [(_, message)] = flaws(text)
    assert "aliases written out" in message


def test_a_bomb_of_merge_keys_is_refused() -> None:
    keys = ", ".join(f"k{n}: x" for n in range(1000))
    [(_, message)] = flaws(f"x: &x {{{keys}}}\nl:\n" + "- {<<: *x}\n" * 2000)
    assert "1,000,000" in message


def test_deep_nesting_is_refused_without_following_it() -> None:
    for text in ("a: " + "[" * 100_000, "a: " + "{b: " * 5_000, "\n".join(" " * n + "a:" for n in range(200))):
        [(_, message)] = flaws(text)
        assert "levels are nested" in message


def test_depth_counts_through_aliases() -> None:
    text = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 40))
    [(_, message)] = flaws(text)
    assert "levels are nested" in message


def test_a_flat_file_of_too_many_values_ends_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_reader, "MAX_NODES", 1000)
    [(line, _)] = flaws("l:\n" + "- x\n" * 5000)
    assert line < 1100
