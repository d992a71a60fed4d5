"""Nothing that may be a secret comes out of an error, whatever is wrong with the file around it."""

import traceback
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.inventory import InventoryError, for_url, load
from scanner.model.secret import SecretRef, SecretSource

CANARY = "hunter2"
HOST = "version: 1\nhosts: [{id: h, address: a.gov, platform: linux, access: {%s}}]"
BUCKET = "version: 1\nbuckets: [{id: b, provider: s3, name: n, credential: %s}]"

MALFORMED = [
    *(
        HOST % access
        for access in (
            "password: hunter2",
            "password: 'hunter2'",
            "password: [hunter2]",
            "password: {hunter2}",
            "password: {hunter2: 1}",
            "password: {hunter2: 1, hunter2: 2}",
            "password: {value: hunter2}",
            "password: {env: hunter2 x}",
            "password: {env: [hunter2]}",
            "password: {env: A, file: hunter2}",
            "password: {file: [hunter2]}",
            'password: {file: "a\\nhunter2"}',
            "password: {command: hunter2}",
            "password: {command: [hunter2, [x]]}",
            "password: {keyring: hunter2}",
            "password: {keyring: {hunter2: hunter2}}",
            "password: !hunter2 x",
            "password: !!hunter2 x",
            "password: !<hunter2> x",
            "password: !hunter2!x y",
            "password: *hunter2",
            "password: &hunter2 [*hunter2]",
            "password: hunter2, password: hunter2",
            "password: @hunter2",
            "password: `hunter2",
            "password: %hunter2",
            "password: 'hunter2",
            'password: "hunter2',
            'password: "hunter2\\q"',
            "password: {hunter2",
            "password: hunter2]",
            "password:hunter2",
            "password hunter2",
            "hunter2",
            "? hunter2",
            "passwrd: hunter2",
            "token: hunter2",
            "user: [hunter2]",
            'key_file: "-----BEGIN OPENSSH PRIVATE KEY-----\\nhunter2\\n-----END"',
            'key_file: "-----BEGIN hunter2"',
            "key_file: {hunter2: x}",
            "port: hunter2",
            "sudo: hunter2",
            "agent: hunter2",
            "transport: hunter2",
            "scheme: hunter2",
        )
    ),
    *(
        BUCKET % credential
        for credential in (
            "hunter2",
            "[hunter2]",
            "{hunter2}",
            "{hunter2: x}",
            "{AKIA: hunter2}",
            "{access_key: hunter2, secret_key: hunter2}",
            "{access_key: {env: A}, secret_key: hunter2}",
            "{access_key: {env: A}, secret_key: {env: B}, session_token: hunter2}",
            "{acces_key: hunter2}",
        )
    ),
    "version: 1\nwebsites: [{id: w, url: 'https://user:hunter2@a.gov'}]",
    "version: 1\nwebsites: [{id: w, url: 'https://hunter2@a.gov'}]",
    "version: 1\nwebsites: [{id: w, url: 'https://user:hunter2@'}]",
    "version: 1\nwebsites: [{id: w, url: 'https://user:hunter2@[a.gov'}]",
    "version: 1\nwebsites: [{id: w, url: 'https://user:hunter2@a.gov:99999'}]",
    "version: 1\nwebsites: [{id: w, url: 'https://user:hunter2 @a.gov'}]",
    "version: 1\nwebsites: [{id: w, url: 'user:hunter2@a.gov'}]",
    "version: 1\nwebsites: [{id: w, url: 'https://ü:hunter2@a.gov'}]",
    "version: 1\nwebsites: [{id: w, url: 'https://a.gov', http_url: 'http://user:hunter2@a.gov'}]",
    "version: 1\nwebsites: [{id: w, 'https://user:hunter2@a.gov'}]",
    "version: 1\nwebsites: ['https://user:hunter2@a.gov']",
    "version: 1\nwebsites: [{id: w, url: 'https://a.gov', address: hunter2}]",
    "version: 1\nservices: [{id: w, address: 'user:hunter2@a.gov'}]",
    "version: 1\nbuckets: [{id: b, provider: s3, name: n, endpoint: 'http://key:hunter2@s3.gov'}]",
    "version: 1\nhosts: [{id: h, address: 'user:hunter2@a.gov', platform: linux}]",
    "version: 1\nsettings: {resolver: hunter2}",
    "version: 1\nauthorization: {exclude: [hunter2]}",
    "version: 1\nauthorization: {window: hunter2, expires: hunter2}",
    "version: 1\ndefaults: {hosts: {access: {password: hunter2}}}",
    "version: 1\ndefaults: {hosts: {access: {password: {hunter2: 1, hunter2: 2}}}}",
    "version: 1\ndefaults: hunter2",
    "version: 1\nwaivers: [{check: hunter2, asset: hunter2, reason: x, owner: x, expires: 2027-01-01}]",
    "version: 1\nbuckets: [{id: b, provider: hunter2, name: n, vendor: hunter2, department: hunter2}]",
    "version: 1\nhunter2",
    "version: 1\n'a b hunter2': x",
    "version: 1\nx-a: {hunter2: 1, hunter2: 2}\n",
    "hunter2",
    "- hunter2",
    "%hunter2 x\n---\nversion: 1",
    "%TAG !e! tag:hunter2,2000:\n---\nversion: !e!x 1",
    "version: !hunter2\nversion: !hunter2",
    "--- !hunter2\nversion: 1",
    "version: 1\n--- hunter2",
    "version: hunter2",
    "\thunter2",
    "a: |hunter2",
    "a: >9hunter2",
    "version: 1\n  hunter2: x",
    "a: &hunter2",
    "a: [*hunter2, *hunter2 ]: b",
    "version: 1\npolicy: {hsts_min_age: hunter2, trust_stores: [hunter2], permitted_countries: [hunter2]}",
]


def everything_said(error: BaseException) -> str:
    seen: list[str] = []
    while error is not None:
        seen += [str(error), repr(error), "".join(traceback.format_exception(error))]
        error = error.__cause__ or error.__context__
    return "\n".join(seen)


@pytest.mark.parametrize("text", MALFORMED)
def test_a_secret_in_the_wrong_place_is_never_repeated(tmp_path: Path, text: str) -> None:
    (tmp_path / "inventory.yaml").write_text(text)
    with pytest.raises(InventoryError) as caught:
        load(tmp_path / "inventory.yaml", known_checks=("disk-encrypted",))
    assert CANARY not in everything_said(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert caught.value.problems


def test_a_secret_in_bytes_that_are_no_text_is_not_repeated(tmp_path: Path) -> None:
    for data in (b"password: hunter2\xff", b"password: hunter2\x00"):
        (tmp_path / "inventory.yaml").write_bytes(data)
        with pytest.raises(InventoryError) as caught:
            load(tmp_path / "inventory.yaml", known_checks=())
        assert CANARY not in everything_said(caught.value)


PIECES = st.sampled_from(
    ["version: 1\n", "hosts:\n", "- id: a\n", "  access:\n", "    password:", " hunter2", "\n", "{", "}", "[", "]", ":",
     " ", "&a", "*a", "*hunter2", "!hunter2", "'", '"', "#", "|", ">", "%hunter2", "? ", "- ", ", ", "<<: ", "---\n",
     "password: ", "secret_key: ", "credential: ", "url: https://u:hunter2@h\n", "buckets:\n", "defaults: ", "\t", "@",
     "\\", "0", "~", "env: ", "file: ", "\n    ", "access: ", "x-a: ", "hosts: "]
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, max_size=30))
def test_no_text_at_all_gets_a_value_out_or_another_error(tmp_path: Path, pieces: list[str]) -> None:
    (tmp_path / "inventory.yaml").write_text("".join(pieces))
    try:
        load(tmp_path / "inventory.yaml", known_checks=())
    except InventoryError as error:
        said = everything_said(error)
        for problem in error.problems:
            # A word in the place of a key, with a value of its own, is an unknown key (or stands twice) and is named.
            secret = {"password", "credential"} & set(problem.key.replace(".", "[").split("["))
            if problem.message.startswith(("this key is not known", "this key stands twice")) and not secret:
                said = said.replace(problem.key, "")
        assert CANARY not in said


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_no_bytes_make_anything_but_an_inventory_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "inventory.yaml").write_bytes(data)
    with pytest.raises(InventoryError):
        load(tmp_path / "inventory.yaml", known_checks=())


@pytest.mark.parametrize(
    "url", ["https://user:hunter2@a.gov", "https://hunter2@", "hunter2", "http://hunter2", "https://a b/hunter2"]
)
def test_a_url_on_the_command_line_is_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(InventoryError) as caught:
        for_url(url, folder=tmp_path)
    said = "\n".join([str(caught.value), repr(caught.value), *traceback.format_exception(caught.value)])
    assert CANARY not in said
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("reference", "source", "value"),
    [
        ("{env: DB1_PASSWORD}", SecretSource.ENV, ("DB1_PASSWORD",)),
        ("{command: [pass, show, db 1]}", SecretSource.COMMAND, ("pass", "show", "db 1")),
        ("{keyring: civicseal/scanner}", SecretSource.KEYRING, ("civicseal/scanner",)),
        ("{env: A, file: null}", SecretSource.ENV, ("A",)),
    ],
)
def test_a_secret_is_kept_as_a_reference(load_text, reference: str, source: SecretSource, value: tuple) -> None:
    [host] = load_text(HOST % f"password: {reference}").assets
    assert host.access.password == SecretRef(source=source, value=value)


def test_the_file_of_a_secret_is_relative_to_the_inventory(load_text, tmp_path: Path) -> None:
    [host] = load_text(HOST % "password: {file: secrets/db1}").assets
    assert host.access.password == SecretRef(source=SecretSource.FILE, value=(str(tmp_path / "secrets/db1"),))


def test_a_literal_is_refused_with_its_line_and_what_to_do(problems_of) -> None:
    [problem] = problems_of(HOST % "password: hunter2")
    assert (problem.line, problem.key) == (2, "hosts[0].access.password")
    assert "{env: NAME}" in problem.message
