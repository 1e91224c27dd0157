"""Pure decisions of Operations: values in, values out."""
