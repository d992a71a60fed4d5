"""Names to addresses, and where no packet may go.

Every connection of a probe goes to an address that came from here: the inventory's own, a literal, or DNS, minus what
the authorization excludes.
"""
