"""What a signature is worth, whatever it is in: PDF, XML or CMS. See ``docs/engineers/verification.md``."""
