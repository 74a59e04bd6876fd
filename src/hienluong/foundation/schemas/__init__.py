"""JSON Schema 2020-12 with the province's own kinds of fields, and CEL: what forms, registers and tables share."""
