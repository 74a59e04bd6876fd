"""Assessments by scoring forms at the workplace: begun for a record, done on paper-like pages or on a phone, signed."""
