import pytest

HEAD = "version: 1\ndepartments: [{id: clerk}]\ndatasets: [{id: muni-id, sensitivity: personal}]\n"


def told(problems) -> list[str]:
    return [f"{problem.line} {problem.key}: {problem.message}" for problem in problems]


def one(problems_of, text: str) -> tuple[int, str, str]:
    [problem] = problems_of(text)
    return problem.line, problem.key, problem.message


@pytest.mark.parametrize(
    ("entry", "key", "near"),
    [
        ("department: clrk", "department", "clerk"),
        ("department: Clerk", "department", "clerk"),
        ("datasets: [muni-id, muniid]", "datasets[1]", "muni-id"),
    ],
)
def test_a_dangling_reference_names_the_nearest_id(problems_of, entry: str, key: str, near: str) -> None:
    line, at, message = one(problems_of, f"{HEAD}websites:\n- id: www\n  url: https://a.gov\n  {entry}\n")
    assert (line, at) == (7, f"websites[0].{key}")
    assert message.endswith(f"did you mean {near}?")


def test_a_dangling_vendor_is_told(problems_of) -> None:
    text = f"{HEAD}vendors: [{{id: acme}}]\nbuckets: [{{id: b, provider: s3, name: n, vendor: acne}}]"
    assert one(problems_of, text) == (5, "buckets[0].vendor", "no vendor has this id; did you mean acme?")


def test_a_vendor_may_not_be_some_other_asset(problems_of) -> None:
    text = f"{HEAD}mail_domains: [{{id: m, domain: a.gov}}]\nbuckets: [{{id: b, provider: s3, name: n, vendor: m}}]"
    assert one(problems_of, text)[1] == "buckets[0].vendor"


def test_a_waiver_needs_a_check_and_an_asset_that_exist(problems_of) -> None:
    text = (
        f"{HEAD}mail_domains: [{{id: mail, domain: a.gov}}]\nwaivers:\n"
        "- {check: disk-encryptd, asset: mial, reason: r, owner: o, expires: 2027-01-01}\n"
    )
    assert told(problems_of(text)) == [
        "6 waivers[0].check: no check has this id; did you mean disk-encrypted?",
        "6 waivers[0].asset: no asset has this id; did you mean mail?",
    ]


def test_a_waiver_needs_reason_owner_and_last_day(problems_of) -> None:
    found = problems_of(f"{HEAD}mail_domains: [{{id: m, domain: a.gov}}]\nwaivers: [{{check: https-hsts, asset: m}}]")
    assert [problem.key for problem in found] == ["waivers[0].reason", "waivers[0].owner", "waivers[0].expires"]


def test_ids_are_unique_across_all_kinds(problems_of) -> None:
    text = f"{HEAD}websites:\n- {{id: x, url: 'https://a.gov'}}\nmail_domains:\n- {{id: x, domain: a.gov}}\n"
    assert one(problems_of, text)[:2] == (7, "mail_domains[0].id")
    assert "line 5" in one(problems_of, text)[2]


@pytest.mark.parametrize(
    "section",
    ["departments: [{id: a}, {id: a}]", "datasets: [{id: a, sensitivity: public}, {id: a, sensitivity: public}]"],
)
def test_departments_and_datasets_are_unique_among_themselves(problems_of, section: str) -> None:
    assert one(problems_of, f"version: 1\n{section}")[2].startswith("this id is taken in line 2")


def test_a_department_and_an_asset_may_share_an_id(problems_of) -> None:
    assert problems_of("version: 1\ndepartments: [{id: a}]\nmail_domains: [{id: a, domain: a.gov}]") == []


@pytest.mark.parametrize(
    ("platform", "access", "key", "says"),
    [
        ("linux", "{scheme: http}", "scheme", "belongs to winrm, and this host has ssh"),
        ("windows", "{sudo: true}", "sudo", "belongs to ssh, and this host has winrm"),
        ("linux", "{transport: local, user: u}", "user", "belongs to ssh or winrm, and this host has local"),
        ("linux", "{ca_bundle: x}", "ca_bundle", "belongs to winrm with scheme https, and this host has ssh"),
    ],
)
def test_a_key_of_another_transport_says_so(problems_of, platform: str, access: str, key: str, says: str) -> None:
    found = problems_of(f"version: 1\nhosts: [{{id: h, address: h.gov, platform: {platform}, access: {access}}}]")
    assert any(problem.key == f"hosts[0].access.{key}" and says in problem.message for problem in found)


def test_a_trust_anchor_over_plain_http_means_nothing(problems_of) -> None:
    text = "version: 1\nhosts: [{id: h, address: h.gov, platform: windows, access: {scheme: http, ca_bundle: x}}]"
    assert any("winrm with scheme http;" in problem.message for problem in problems_of(text))


def test_basic_over_http_would_send_the_password_in_the_clear(problems_of) -> None:
    text = "version: 1\nhosts: [{id: h, address: h.gov, platform: windows, access: {scheme: http, auth: basic}}]"
    assert one(problems_of, text)[1] == "hosts[0].access.auth"


def test_only_a_local_host_needs_no_address(problems_of) -> None:
    assert one(problems_of, "version: 1\nhosts: [{id: h, platform: linux}]")[1] == "hosts[0].address"
    assert problems_of("version: 1\nhosts: [{id: h, platform: linux, access: {transport: local}}]") == []


@pytest.mark.parametrize(
    ("credential", "says"),
    [
        ("{profile: a, access_key: {env: A}, secret_key: {env: B}}", "either a profile or a pair"),
        ("{access_key: {env: A}}", "together"),
        ("{secret_key: {env: A}}", "together"),
        ("{session_token: {env: A}}", "goes with"),
    ],
)
def test_half_a_credential_is_refused(problems_of, credential: str, says: str) -> None:
    line, key, message = one(
        problems_of, f"version: 1\nbuckets:\n- {{id: b, provider: s3, name: n, credential: {credential}}}"
    )
    assert (line, key) == (3, "buckets[0].credential")
    assert says in message


def test_an_aws_account_has_twelve_digits(problems_of) -> None:
    for section in (
        "buckets: [{id: b, provider: aws, name: n, account: '1234'}]",
        "cloud_accounts: [{id: b, provider: aws, account: '1234'}]",
    ):
        assert "12 digits" in one(problems_of, f"version: 1\n{section}")[2]
    assert problems_of("version: 1\ncloud_accounts: [{id: b, provider: gcs, account: my-project}]") == []


def test_records_cannot_be_kept_longer_than_they_may(problems_of) -> None:
    text = "version: 1\ndatasets: [{id: a, sensitivity: public, retention_days: 5, retention_min_days: 6}]"
    assert one(problems_of, text)[1] == "datasets[0].retention_min_days"


def test_columns_go_with_csv_alone(problems_of) -> None:
    text = "version: 1\ndevices: [{id: d, source: SOURCE, path: x, columns: {serial: SN}}]"
    assert one(problems_of, text.replace("SOURCE", "jamf"))[1] == "devices[0].columns"
    assert problems_of(text.replace("SOURCE", "csv")) == []


def test_faults_of_every_sort_are_told_at_once_in_the_order_of_their_lines(problems_of) -> None:
    text = (
        "version: 1\n"
        "websits: []\n"
        "settings: {timeout: -1}\n"
        "websites:\n"
        "- id: www\n"
        "  url: ftp://a.gov\n"
        "  department: nobody\n"
        "  ca_bundle: absent.pem\n"
        "  id: www\n"
        "hosts: [{id: www, platform: linux, access: {password: literal, scheme: http}}]\n"
    )
    assert [(problem.line, problem.key) for problem in problems_of(text)] == [
        (2, "websits"),
        (3, "settings.timeout"),
        (6, "websites[0].url"),
        (7, "websites[0].department"),
        (8, "websites[0].ca_bundle"),
        (9, "websites[0].id"),
        (10, "hosts[0].access.password"),
        (10, "hosts[0].id"),
        (10, "hosts[0].address"),
        (10, "hosts[0].access.scheme"),
    ]
