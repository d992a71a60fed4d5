import pytest


def only(problems_of, text: str):
    [problem] = problems_of(text)
    return problem


@pytest.mark.parametrize(
    ("text", "key", "near"),
    [
        ("websits: []", "websits", "websites"),
        ("municipality: {nmae: x}", "municipality.nmae", "name"),
        ("settings: {time_out: 5}", "settings.time_out", "timeout"),
        ("policy: {hsts_max_age: 5}", "policy.hsts_max_age", "hsts_min_age"),
        ("defaults: {host: {}}", "defaults.host", "hosts"),
        ("websites: [{id: a, url: 'https://a.gov', adress: 10.0.0.1}]", "websites[0].adress", "address"),
        (
            "vendors: [{id: a, contract: {clauses: {notice_of_demands: true}}}]",
            "vendors[0].contract.clauses.notice_of_demands",
            "notice_of_demand",
        ),
    ],
)
def test_an_unknown_key_names_the_nearest_valid_one(problems_of, text: str, key: str, near: str) -> None:
    problem = only(problems_of, f"version: 1\n{text}")
    assert (problem.line, problem.key) == (2, key)
    assert problem.message.endswith(f"did you mean {near}?")


def test_an_unknown_key_with_nothing_near_lists_the_keys(problems_of) -> None:
    problem = only(problems_of, "version: 1\nmessaging: [{id: a, product: signal, colour: red}]")
    assert problem.key == "messaging[0].colour"
    assert "the keys here are id, department, datasets, note, product, archived" in problem.message


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("version: 2", "version", "must be 1"),
        ("version: '1'", "version", "must be 1"),
        ("version: true", "version", "must be 1"),
        ("version: 1.0", "version", "must be 1"),
        ("version:", "version", "must be 1"),
        ("x-a: 1", "version", "required"),
        ("version: 1\nwebsites: {}", "websites", "must be a list"),
        ("version: 1\nsettings: []", "settings", "must be a mapping"),
        ("version: 1\nwebsites: [x]", "websites[0]", "must be a mapping"),
        ("version: 1\nsettings: {timeout: 0}", "settings.timeout", "must be more than 0"),
        ("version: 1\nsettings: {timeout: 601}", "settings.timeout", "must be at most 600"),
        ("version: 1\nsettings: {timeout: .nan}", "settings.timeout", "must be a number"),
        ("version: 1\nsettings: {timeout: 1e999}", "settings.timeout", "must be a number"),
        ("version: 1\nsettings: {timeout: '5'}", "settings.timeout", "must be a number"),
        ("version: 1\nsettings: {asset_budget: -1}", "settings.asset_budget", "must be more than 0"),
        ("version: 1\nsettings: {concurrency: 0}", "settings.concurrency", "must be more than 0"),
        ("version: 1\nsettings: {concurrency: 2.5}", "settings.concurrency", "must be a whole number"),
        ("version: 1\nsettings: {concurrency: true}", "settings.concurrency", "must be a whole number"),
        ("version: 1\nsettings: {concurrency: 99999999999999999999999}", "settings.concurrency", "whole number"),
        ("version: 1\nsettings: {active_tests: yes}", "settings.active_tests", "must be true or false"),
        ("version: 1\nsettings: {resolver: dns.gov:53}", "settings.resolver", "IP address"),
        ("version: 1\nmunicipality: {name: 5}", "municipality.name", "put it in quotes"),
        ("version: 1\nmunicipality: {name: 2027-01-01}", "municipality.name", "put it in quotes"),
        ("version: 1\nmunicipality: {name: [a]}", "municipality.name", "not a list"),
        ("version: 1\nmunicipality: {domain: city}", "municipality.domain", "must be a domain"),
        ("version: 1\nauthorization: {window: 22:00}", "authorization.window", "two different times"),
        ("version: 1\nauthorization: {window: 22:00-24:00}", "authorization.window", "two different times"),
        ("version: 1\nauthorization: {window: 22:00-22:00}", "authorization.window", "two different times"),
        ("version: 1\nauthorization: {exclude: [10.1.9.1/24]}", "authorization.exclude[0]", "must be a network"),
        ("version: 1\nauthorization: {expires: 2027-02-30}", "authorization.expires", "a day that exists"),
        ("version: 1\nauthorization: {expires: 5}", "authorization.expires", "a day that exists"),
        ("version: 1\ndatasets: [{id: a, sensitivity: secret}]", "datasets[0].sensitivity", "one of public"),
        (
            "version: 1\ndatasets: [{id: a, sensitivity: public, retention_days: 0}]",
            "datasets[0].retention_days",
            "more than 0",
        ),
        ("version: 1\nservices: [{id: a, address: a.gov}]", "services[0].address", "HOST:PORT"),
        ("version: 1\nservices: [{id: a, address: 'a.gov:0'}]", "services[0].address", "between 1 and 65535"),
        ("version: 1\nservices: [{id: a, address: 'fd00::1:25'}]", "services[0].address", "HOST:PORT"),
        (
            "version: 1\nservices: [{id: a, address: 'a.gov:25', starttls: smpt}]",
            "services[0].starttls",
            "did you mean smtp?",
        ),
        (
            "version: 1\nhosts: [{id: a, address: a.gov, platform: linux, access: {port: 65536}}]",
            "hosts[0].access.port",
            "at most 65535",
        ),
        ("version: 1\nhosts: [{id: a, address: 10.0.0.300, platform: linux}]", "hosts[0].address", "host name or an"),
        (
            "version: 1\nwebsites: [{id: a, url: 'https://a.gov', address: localhost}]",
            "websites[0].address",
            "must be an IP address",
        ),
        (
            "version: 1\nwebsites: [{id: a, url: 'https://a.gov', http_url: 'https://a.gov'}]",
            "websites[0].http_url",
            "must start with http://",
        ),
        ("version: 1\nvendors: [{id: a, stores_in: [USA]}]", "vendors[0].stores_in[0]", "two capital letters"),
        ("version: 1\nvendors: [{id: a, accounts: [123456789012]}]", "vendors[0].accounts[0]", "put it in quotes"),
        ("version: 1\nvendors: [{id: a, domains: [http://x.gov]}]", "vendors[0].domains[0]", "must be a domain"),
        ("version: 1\nbuckets: [{id: a, provider: aws, name: n, region: US East}]", "buckets[0].region", "us-east-1"),
        ("version: 1\nbuckets: [{id: a, provider: aws, name: n, endpoint: 's3.gov'}]", "buckets[0].endpoint", "URL"),
        ("version: 1\nmail_domains: [{id: '', domain: a.gov}]", "mail_domains[0].id", "1 to 128 printable"),
        ('version: 1\nmail_domains: [{id: "a\\x1b", domain: a.gov}]', "mail_domains[0].id", "1 to 128 printable"),
        (f"version: 1\nmail_domains: [{{id: {'a' * 129}, domain: a.gov}}]", "mail_domains[0].id", "1 to 128"),
        ('version: 1\nmail_domains: [{id: a, domain: a.gov, note: "\\e[31m"}]', "mail_domains[0].note", "control"),
        ("version: 1\npolicy: {hsts_min_age: -1}", "policy.hsts_min_age", "at least 0"),
        ("version: 1\npolicy: {hsts_min_age: 1.5}", "policy.hsts_min_age", "whole number"),
        ("version: 1\npolicy: {certificate_min_fraction: 2}", "policy.certificate_min_fraction", "at most 1"),
        ("version: 1\npolicy: {permitted_countries: US}", "policy.permitted_countries", "must be a list"),
        ("version: 1\npolicy: {permitted_countries: [us]}", "policy.permitted_countries[0]", "two capital"),
        (
            "version: 1\npolicy: {required_clauses: [no_secondary_uses]}",
            "policy.required_clauses[0]",
            "did you mean no_secondary_use?",
        ),
        ("version: 1\npolicy: {tpm_without_pin: 1}", "policy.tpm_without_pin", "true or false"),
        ("version: 1\npolicy: {suites_allowed: [FOO]}", "policy.suites_allowed[0]", "IANA name of a cipher suite"),
        (
            "version: 1\npolicy: {suites_allowed: [TLS_AES_128_GCM_SHA256, ECDHE-RSA-AES128-GCM-SHA256]}",
            "policy.suites_allowed[1]",
            "did you mean TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256?",
        ),
    ],
)
def test_a_wrong_value_is_told_with_its_key(problems_of, text: str, key: str, message: str) -> None:
    problem = only(problems_of, text)
    assert problem.key == key
    assert message in problem.message


def test_the_country_norway_is_no_boolean(load_text) -> None:
    inventory = load_text("version: 1\nvendors: [{id: a, stores_in: [NO], controlled_from: NO}]")
    assert inventory.assets[0].stores_in == ("NO",)


def test_a_quoted_date_is_a_date(load_text, problems_of) -> None:
    assert load_text("version: 1\nauthorization: {expires: '2027-01-01'}").authorization.expires.year == 2027


def test_ids_of_any_printable_script_are_fine(load_text) -> None:
    assert (
        load_text("version: 1\nmail_domains: [{id: Bürgeramt 市役所, domain: a.gov}]").assets[0].id
        == "Bürgeramt 市役所"
    )


def test_every_policy_value_can_be_overridden_with_its_default(load_text) -> None:
    from dataclasses import asdict

    import yaml

    from scanner.model.policy import Policy

    values = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(Policy()).items()}
    inventory = load_text(yaml.safe_dump({"version": 1, "policy": values}))
    assert Policy().with_overrides(inventory.policy) == Policy()


def test_defaults_of_an_empty_list_are_checked_too(problems_of) -> None:
    found = problems_of("version: 1\ndefaults:\n  hosts: {access: {usr: x}}\n  websites: {adress: 5}")
    assert [(problem.line, problem.key) for problem in found] == [
        (3, "defaults.hosts.access.usr"),
        (4, "defaults.websites.adress"),
    ]


def test_the_suites_of_every_pack_may_be_the_citys_own(load_text) -> None:
    import yaml

    from scanner.model.packs import PACKS

    for pack in PACKS:
        suites = list(pack.policy.suites_allowed)
        inventory = load_text(yaml.safe_dump({"version": 1, "policy": {"suites_allowed": suites}}))
        assert inventory.policy == {"suites_allowed": suites}
