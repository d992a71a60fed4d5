from pathlib import Path

import pytest

from scanner.inventory import InventoryError, Problem, load
from scanner.inventory.files import absence


def missing(folder: Path) -> tuple[Problem, ...]:
    """What `inventory check` finds and a scan does not mind."""
    path = folder / "inventory.yaml"
    load(path, known_checks={"disk-encrypted"})
    with pytest.raises(InventoryError) as caught:
        load(path, known_checks={"disk-encrypted"}, with_files=True)
    return caught.value.problems


SITE = "version: 1\nwebsites:\n- id: w\n  url: https://a.gov\n  ca_bundle: ca.pem\n"


@pytest.mark.parametrize(
    "text",
    [
        SITE,
        "version: 1\nservices:\n- id: s\n  address: a.gov:636\n  ca_bundle: ca.pem\n",
        "version: 1\nbuckets:\n- id: b\n  provider: s3\n  name: n\n  ca_bundle: ca.pem\n",
        "version: 1\nhosts:\n- {id: h, address: a.gov, platform: windows,\n\n   access: {ca_bundle: ca.pem}}\n",
    ],
)
def test_absent_trust_anchors_are_always_an_error(problems_of, text: str) -> None:
    [problem] = problems_of(text)
    assert problem.key.endswith("ca_bundle")
    assert "does not exist" in problem.message
    assert "ca_bundle" in text.splitlines()[problem.line - 1]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x30\x82\x01\x01",
        b"-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        b"-----BEGIN PRIVATE KEY-----\nMAAA\n-----END PRIVATE KEY-----",
    ],
)
def test_trust_anchors_that_are_no_pem_certificate_are_an_error(problems_of, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ca.pem").write_bytes(content)
    [problem] = problems_of(SITE)
    assert (problem.line, problem.key) == (5, "websites[0].ca_bundle")
    assert "no certificate in PEM" in problem.message


def test_a_folder_is_no_trust_anchor(problems_of, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").mkdir()
    assert "this is no file" in problems_of(SITE)[0].message


def test_a_bundle_with_text_around_its_certificates_is_fine(problems_of, tmp_path: Path, ca_pem: bytes) -> None:
    (tmp_path / "ca.pem").write_bytes(b"# our CA\r\n" + ca_pem.replace(b"\n", b"\r\n") + b"\nmore " + ca_pem)
    assert problems_of(SITE) == []


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("scan-letter.pdf", "authorization.document"),
        ("exports/intune.csv", "devices[0].path"),
        ("exports/assets.csv", "devices[0].register"),
        ("backup.pdf", "backups[0].encrypted.document"),
        ("contracts/acme.pdf", "vendors[0].contract.document"),
        ("keys.pdf", "buckets[0].client_side_encryption.document"),
        ("keys/scan", "hosts[0].access.key_file"),
        ("known_hosts", "hosts[0].access.known_hosts"),
    ],
)
def test_an_absent_file_is_found_by_the_check_alone(city: Path, name: str, key: str) -> None:
    (city / name).unlink()
    [problem] = missing(city)
    assert problem.key == key
    line = (city / "inventory.yaml").read_text().splitlines()[problem.line - 1]
    assert name in line
    assert problem.file == str(city / "inventory.yaml")
    assert "does not exist" in problem.message


def test_the_line_of_an_absent_file_from_the_defaults_is_theirs(load_text, tmp_path: Path) -> None:
    load_text(
        "version: 1\ndefaults:\n  hosts:\n    access:\n      key_file: k\nhosts: [{id: h, address: a, platform: linux}]"
    )
    [problem] = missing(tmp_path)
    assert (problem.line, problem.key) == (5, "hosts[0].access.key_file")


def test_an_absent_file_of_a_secret_is_found_without_naming_it(load_text, tmp_path: Path) -> None:
    load_text("version: 1\nhosts: [{id: h, address: a, platform: linux, access: {password: {file: hunter2}}}]")
    [problem] = missing(tmp_path)
    assert problem.key == "hosts[0].access.password"
    assert "hunter2" not in str(problem)


def test_columns_that_are_called_like_files_are_none(load_text, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("x")
    text = "version: 1\ndevices: [{id: d, source: csv, path: d.csv, columns: {path: a, document: b}}]"
    load_text(text)
    load(tmp_path / "inventory.yaml", known_checks=(), with_files=True)


def test_absent_files_are_told_together_with_everything_else(tmp_path: Path) -> None:
    text = "version: 1\nhosts: [{id: h, address: a, platform: linx, access: {key_file: k}}]\nwebsites: [{id: h}]\n"
    (tmp_path / "inventory.yaml").write_text(text)
    with pytest.raises(InventoryError) as caught:
        load(tmp_path / "inventory.yaml", known_checks=(), with_files=True)
    assert {problem.key for problem in caught.value.problems} >= {
        "hosts[0].platform",
        "hosts[0].access.key_file",
        "websites[0].url",
    }


def test_home_folders_are_known(load_text, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/srv/scanner")
    text = "version: 1\nhosts: [{id: h, address: a, platform: linux, access: {key_file: ~/.ssh/id}}]"
    assert load_text(text).assets[0].access.key_file == Path("/srv/scanner/.ssh/id")


def test_a_home_that_nobody_has_is_an_error(problems_of) -> None:
    text = "version: 1\nhosts: [{id: h, address: a, platform: linux, access: {key_file: ~nobody-at-all/id}}]"
    assert "no home folder" in problems_of(text)[0].message


def test_names_that_no_file_can_have_are_no_crash() -> None:
    assert absence(Path("x" * 5000))
    assert absence(Path("a\0b"))
