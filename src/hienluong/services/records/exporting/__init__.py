"""Files made of records: which columns, in which format, by whom; what goes out can come in again."""
