"""The demo city: Riverton, with real TLS, SSH, S3, SMTP and DNS servers on loopback and a known set of planted faults.

It knows nothing of the scanner; `demo.city.City` starts it, `demo.planted` says what a scan must find.
"""
