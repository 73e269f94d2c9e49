"""The rules of a telephone-number inventory, pure: no input or output, no framework."""
