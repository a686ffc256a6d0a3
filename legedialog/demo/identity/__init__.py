"""The demo's identity provider: small, but the real protocol. Only in the demo and in tests; people are buttons.

It plays ID-porten and HelseID at one address, and keeps no table: pushed requests and codes are signed texts, and a
code is marked as used in access.UsedToken.
"""
