"""The ledger of claims: verified, recorded, and printed as a page."""
