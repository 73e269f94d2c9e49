"""What a text looks like that is not one number, for the message of its refusal."""

import re

from domain.number_notation import RIGHT_TO_LEFT_OVERRIDE, digits_of

RANGE = "looks like a range: use first and last number."
TWO_NUMBERS = "looks like two numbers: give one at a time."

_FLOATING_POINT = re.compile(r"[+-]?\d+(?:[.,]\d+)?E[+-]?\d+", re.IGNORECASE)
_EXTENSION = re.compile(
    r".*\d[\s,;().-]*(?:ext(?:n|ension)?|x|#|доб|poste|anexo|ramal|durchwahl)[\s.:=]*\d+\)?", re.IGNORECASE
)
_RANGE = re.compile(r".*\d ?(?:~|\.{2,3}|…|--+|\b(?:to|bis|through|thru|until)\b) ?\+?\(?\d.*", re.IGNORECASE)
_TWO_NUMBERS = re.compile(
    r".*\d{3}\)? *(?:[,;|&\n\r\u2028]|\b(?:and|or|und|oder|et|ou|y|o|e)\b|\+|/) *.*\d{3}.*", re.IGNORECASE | re.DOTALL
)
_DECIMAL = re.compile(r".*\d{5}[.,]\d{1,2}")
_LETTERS = re.compile(r"[+0-9A-Z ()./-]*", re.IGNORECASE)

_SHAPES = (
    (_FLOATING_POINT, "is what a spreadsheet made of a number: format the column as text."),
    (_EXTENSION, "has an extension: give the number without it."),
    (re.compile("tel:.*;.*", re.IGNORECASE | re.DOTALL), "has parameters: give the number without them."),
    (_RANGE, RANGE),
    (_DECIMAL, "looks like a decimal figure: format the column as text."),
    (_TWO_NUMBERS, TWO_NUMBERS),
)


def describe_shape(text: str) -> str:
    """What a plain text looks like that is not in the shape of one number."""
    if not text:
        return "is empty."
    if RIGHT_TO_LEFT_OVERRIDE in text:
        return "has a right-to-left override, which shows its digits in another order."
    for shape, reason in _SHAPES:
        if shape.fullmatch(text):
            return reason
    if not digits_of(text):
        return "has no digits."
    if _LETTERS.fullmatch(text) and any(map(str.isalpha, text)):
        return "has letters: write the number in digits."
    return "is not a telephone number in E.164 form, such as +14188984760."
