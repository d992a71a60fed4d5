"""A zoo of real TLS listeners, each with the truth about itself as its configuration says it.

`tests/conftest.py` registers this folder under the name `civicseal_zoo`; `keeper.py` holds the fixtures.
"""
