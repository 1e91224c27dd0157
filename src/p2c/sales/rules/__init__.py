"""What Sales decides: values in, values out, no database and no clock."""
