"""The demo city: Riverton, with real TLS, SSH and S3 servers on loopback and a known set of planted faults.

It knows nothing of the scanner; `demo.city.City` starts it, `demo.planted` says what a scan must find.
"""
