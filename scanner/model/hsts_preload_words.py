"""What the issue codes of hstspreload.org mean, in words: the codes of `scanner.model.hsts_preload`, each once."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.model.hsts_preload import Issue

WORDS: Mapping[str, str] = {
    "domain.is_subdomain": "the list takes whole domains, not their www names",
    "domain.www.no_tls": "the www name of the site has no working HTTPS",
    "response.no_header": "the answer carries no HSTS header",
    "response.multiple_headers": "the answer carries more than one HSTS header",
    "header.parse.empty": "the header is empty",
    "header.parse.empty_directive": "the header has an empty part",
    "header.parse.unknown_directive": "the header has a part that nobody knows",
    "header.parse.repeated.include_sub_domains": "the header says includeSubDomains twice",
    "header.parse.repeated.preload": "the header says preload twice",
    "header.parse.repeated.max_age": "the header says max-age twice",
    "header.parse.invalid.include_sub_domains": "includeSubDomains is written wrongly in the header",
    "header.parse.invalid.preload": "preload is written wrongly in the header",
    "header.parse.invalid.max_age.no_value": "max-age has no value",
    "header.parse.max_age.leading_zero": "max-age begins with a zero",
    "header.parse.max_age.non_digit_characters": "max-age is no number",
    "header.parse.max_age.parse_int_error": "max-age cannot be read",
    "header.preloadable.include_sub_domains.missing": "the header lacks includeSubDomains",
    "header.preloadable.preload.missing": "the header lacks preload",
    "header.preloadable.max_age.missing": "the header lacks max-age",
    "header.preloadable.max_age.zero": "max-age is zero",
    "header.preloadable.max_age.below_1_year": "max-age is less than a year",
    "header.preloadable.max_age.over_10_years": "max-age is more than ten years",
    "redirects.http.does_not_exist": "nothing answers over plain HTTP",
    "redirects.http.useless_header": "the header also comes over plain HTTP, where it has no effect",
    "redirects.http.no_redirect": "plain HTTP does not lead to HTTPS",
    "redirects.http.first_redirect.no_hsts": "the page that plain HTTP leads to carries no valid HSTS header",
    "redirects.http.first_redirect.insecure": "plain HTTP does not lead to HTTPS on the same name first",
    "redirects.http.www_first": "plain HTTP leads to the www name before it leads to HTTPS",
    "redirects.too_many": "there are more than three redirects",
    "redirects.insecure.initial": "the first redirect leads to plain HTTP",
    "redirects.insecure.subsequent": "a later redirect leads to plain HTTP",
}


def issue_words(issue: Issue) -> str:
    """An issue in words with its code behind, e.g. `the header lacks preload (header.preloadable.preload.missing)`."""
    code = issue.code if issue.error else f"{issue.code}, a warning only"
    words = WORDS.get(issue.code)
    return f"{words} ({code})" if words else code
