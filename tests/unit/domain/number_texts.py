"""Texts as they are found in cells and forms, with the number that each of them is or why it is none."""

from __future__ import annotations

READ = (
    # Notations of one number.
    ("+14188984760", None, "+14188984760"),
    (" +1 418 898 4760 ", None, "+14188984760"),
    ("+1 (418) 898-4760", None, "+14188984760"),
    ("+1 [418] 898-4760", None, "+14188984760"),
    ("(+1) 418 898 4760", None, "+14188984760"),
    ("+1.418.898.4760", None, "+14188984760"),
    ("+1\u00a0418\u2011898\u20134760", None, "+14188984760"),
    ("+1\u00a0 418\u00a0 555\u20110170", None, "+14185550170"),
    ("+1\u2003418\u3000898\u22124760", None, "+14188984760"),
    ("+1\t418\t898\t4760", None, "+14188984760"),
    ("+1 418 898 4760\n", None, "+14188984760"),
    ("(418) 898-4760", "US", "+14188984760"),
    ("418.898.4760", "US", "+14188984760"),
    ("418\u00b7898\u00b74760", "US", "+14188984760"),
    ("1-418-898-4760", "US", "+14188984760"),
    ("14188984760", "US", "+14188984760"),
    ("418/898 4760", "US", "+14188984760"),
    ("4.188.984.760", "US", "+14188984760"),
    ("011 1 418 898 4760", "US", "+14188984760"),
    ("00 1 418 898 4760", "GB", "+14188984760"),
    ("00 1 418 898 4760", "US", "+14188984760"),
    ("0011 61 2 5550 1234", "AU", "+61255501234"),
    ("8~10 44 20 7946 0958", "RU", "+442079460958"),
    # tel: URIs.
    ("tel:+1-418-898-4760", None, "+14188984760"),
    ("TEL:+14188984760", None, "+14188984760"),
    ("tel: (418) 898-4760", "US", "+14188984760"),
    # Trunk prefixes, in brackets or not, and plans without one.
    ("020 7946 0958", "GB", "+442079460958"),
    ("(0)20 7946 0958", "GB", "+442079460958"),
    ("+44 (0)20 7946 0958", None, "+442079460958"),
    ("+44 ( 0 ) 20 7946 0958", None, "+442079460958"),
    ("+49 (0)30 901820", "US", "+4930901820"),
    ("+49016000000001", None, "+4916000000001"),
    ("030/901820", "DE", "+4930901820"),
    ("04101-5678", "DE", "+4941015678"),
    ("+43 1 58058-0", None, "+431580580"),
    ("06 698 12345", "IT", "+390669812345"),
    ("+39 06 698 12345", None, "+390669812345"),
    ("+39 (0)6 698 12345", None, "+390669812345"),
    ("06 1 234 5678", "HU", "+3612345678"),
    ("8 (912) 345-67-89", "RU", "+79123456789"),
    ("8 029 491-19-11", "BY", "+375294911911"),
    ("13812345678", "CN", "+8613812345678"),
    ("(11) 91234-5678", "BR", "+5511912345678"),
    ("+54 9 11 2345 6789", None, "+5491123456789"),
    ("13 12 34", "AU", "+61131234"),
    ("03-1234-5678", "JP", "+81312345678"),
    ("0812-3456-7890", "ID", "+6281234567890"),
    ("022-2345-6789", "IN", "+912223456789"),
    # Without its trunk prefix, but as long as numbers of the plan are at most.
    ("2079460958", "GB", "+442079460958"),
    ("442079460958", "GB", "+442079460958"),
    # Numbers of no country.
    ("+800 1234 5678", "US", "+80012345678"),
    ("+883 510 000 123 456", "US", "+883510000123456"),
    # What a spreadsheet makes of digits.
    ("4188984760.0", "US", "+14188984760"),
    ("3129876543.0", "US", "+13129876543"),
    ("14188984760.0", "US", "+14188984760"),
    ("2079460958.0", "GB", "+442079460958"),
    # Invisible characters, and digits of other scripts.
    ("\u202a+1 418 555 0140\u202c", None, "+14185550140"),
    ("\u2068+1 418 555 0141\u2069", None, "+14185550141"),
    ("\u200b+14185550142", None, "+14185550142"),
    ("\ufeff+14185550142", None, "+14185550142"),
    ("\u200e+1\u00ad418\u20605550142\u200f", None, "+14185550142"),
    ("\u202d+1 418 555 0142\u202c", None, "+14185550142"),
    ("\u0664\u0661\u0668\u0668\u0669\u0668\u0664\u0667\u0666\u0660", "US", "+14188984760"),
    ("+\u06f1 \u06f4\u06f1\u06f8 \u06f8\u06f9\u06f8 \u06f4\u06f7\u06f6\u06f0", None, "+14188984760"),
    (
        "\uff0b\uff11\uff08\uff14\uff11\uff18\uff09\uff18\uff19\uff18\uff0d\uff14\uff17\uff16\uff10",
        None,
        "+14188984760",
    ),
)
"""Texts that are one number: the text, the region, and the number."""

SPREADSHEET = "a spreadsheet"
EXTENSION = "has an extension"
RANGE = "looks like a range"
TWO = "looks like two numbers"
AREA_CODE = "no area code"
LONG = "E.164 has 15 at most"
MANY = "has too many digits"
LENGTH = "has a length that no number has"
SHORT = "is too short"
LETTERS = "has letters"
DECIMAL = "looks like a decimal figure"
AMBIGUOUS = "begin with + and the country code"

REFUSED = (
    # Scientific notation.
    ("1.41855E+10", "US", SPREADSHEET),
    ("1,41855E+10", "DE", SPREADSHEET),
    ("4.18898476e9", "US", SPREADSHEET),
    ("1E+10", "US", SPREADSHEET),
    # Decimals.
    ("4188984760.5", "US", DECIMAL),
    ("4188984760.00", "US", DECIMAL),
    ("+4930901820.0", None, DECIMAL),
    ("030901820,5", "DE", DECIMAL),
    # Extensions.
    ("+1 418 555 0172 x12", "US", EXTENSION),
    ("+14185550173;ext=12", "US", EXTENSION),
    ("tel:+1-418-898-4760;ext=2", "US", EXTENSION),
    ("418 898 4760 ext. 5", "US", EXTENSION),
    ("418 898 4760, Extension 5", "US", EXTENSION),
    ("418-898-4760 #5", "US", EXTENSION),
    ("418-898-4760X5", "US", EXTENSION),
    ("tel:898-4760;phone-context=+1418", "US", "has parameters"),
    # Ranges.
    ("+49 30 5551000-1099", "US", RANGE),
    ("+49 30 901820/21", "US", RANGE),
    ("901820/21", "DE", RANGE),
    ("5551000-1099", "US", RANGE),
    ("5551000-1099", "DE", RANGE),
    ("+49 30 5551000\u20131099", None, RANGE),
    ("+49 30 5551000 - 1099", None, RANGE),
    ("418-555-1000-1099", "US", RANGE),
    ("4185551000-99", "US", RANGE),
    ("4185551000/4185551099", "US", RANGE),
    ("418-555-1000 to 1099", "US", RANGE),
    ("030 901820 bis 901829", "DE", RANGE),
    ("418-555-1000~1099", "US", RANGE),
    ("03-1234-5600\u301c5699", "JP", RANGE),
    ("4185551000..4185551099", "US", RANGE),
    # Two numbers.
    ("4188984760 3129876543", "US", TWO),
    ("4188984760, 3129876543", "US", TWO),
    ("4188984760; 3129876543", "US", TWO),
    ("4188984760\n3129876543", "US", TWO),
    ("+1 418 898 4760 +1 312 987 6543", None, TWO),
    ("+1-418-898-4760 or +1-312-987-6543", None, TWO),
    ("030 90182 030 90183", "DE", TWO),
    ("(418) 898-4760 (312) 987-6543", "US", TWO),
    # Local numbers.
    ("555-0100", "US", AREA_CODE),
    ("+1 555 0101", "US", AREA_CODE),
    ("+44 1111", "US", AREA_CODE),
    ("901820", "DE", AREA_CODE),
    ("30901820", "DE", AREA_CODE),
    ("020 7946", "GB", SHORT),
    ("898-4760", "BS", AMBIGUOUS),
    # Numbers of other countries that lack their plus, or of none.
    ("4188984760", None, AMBIGUOUS),
    ("4188984760", "CH", AMBIGUOUS),
    ("4188984760.0", "NL", AREA_CODE),
    ("442079460958", "US", MANY),
    ("41889847601", "US", MANY),
    ("393331234567", "IT", AMBIGUOUS),
    ("+1 61447442511", "US", MANY),
    ("+1 (0)418 898 4760", None, MANY),
    ("+52 1 55 1234 5678", None, MANY),
    ("000 53 5123 4567", "LY", "does not begin with a country code"),
    ("8 801 176 24845", "BY", "has digits that are not part"),
    ("+0535123457", None, "does not begin with a country code"),
    ("00", "US", "does not begin"),
    ("00", "GB", "does not begin"),
    ("0", "DE", SHORT),
    ("+0123456789", None, "does not begin with a country code"),
    ("+999123456789", None, "does not begin with a country code"),
    # Digits that phonenumbers would move, drop or add.
    ("011 15-2345-6789", "AR", AMBIGUOUS),
    ("0 15 11 2345-6789", "BR", AMBIGUOUS),
    # Lengths.
    ("12345678901234567", "US", LONG),
    ("+12345678901234567", None, LONG),
    ("+1418", None, SHORT),
    ("12", "US", SHORT),
    ("1" * 61, "US", "longer than 60 characters"),
    # North American shapes.
    ("+1 118 898 4760", None, "begin with 2 to 9"),
    ("+1 418 198 4760", None, "begin with 2 to 9"),
    ("(418) 098-4760", "US", "begin with 2 to 9"),
    # No digits, letters, and other text.
    ("", "US", "is empty"),
    (" \u200b ", "US", "is empty"),
    ("+", "US", "has no digits"),
    ("n/a", "US", "has no digits"),
    ("12ab", "US", LETTERS),
    ("1-800-FLOWERS", "US", LETTERS),
    ("1 800 GO FEDEX", "US", LETTERS),
    ("418 898 4760 (home)", "US", LETTERS),
    ("+49 30 901820 (12)", None, "is not a telephone number"),
    ("418 898 4760.", "US", "is not a telephone number"),
    ("418_898_4760", "US", "is not a telephone number"),
    ("\u202e+14185550143", None, "right-to-left override"),
    ("4\u00b2188984760", "US", "is not a telephone number"),
    ("\u2460418 898 4760", "US", "is not a telephone number"),
)
"""Texts that are not one number: the text, the region, and part of the reason."""
