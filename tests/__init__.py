"""The tests, by kind: unit, api, properties, architecture, browser; `support` is what they share."""
