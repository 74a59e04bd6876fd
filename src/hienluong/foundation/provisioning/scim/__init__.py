"""SCIM 2.0 (RFC 7643, 7644): a system for human resources keeps officials up to date, within its organisations."""
