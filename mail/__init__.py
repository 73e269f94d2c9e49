"""Mail: what is written, in which words, and how it reaches people. The inventory is not looked at from here."""
