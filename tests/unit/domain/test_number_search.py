"""What search texts mean."""

from __future__ import annotations

import phonenumbers
import pytest

from domain.number_search import SearchText, depends_on_region, is_blank, search_digits, search_text
from domain.numbers import international_format, national_format


@pytest.mark.parametrize(
    ("text", "region", "meaning"),
    [
        # As the number is stored, or part of a tag.
        ("1418", "US", SearchText("1418", None)),
        ("+1418", "US", SearchText("+1418", None)),
        ("4188984760", "US", SearchText("4188984760", None)),
        ("0958", "GB", SearchText("0958", None)),
        ("020794", "GB", SearchText("020794", None)),
        ("0044207", None, SearchText("0044207", None)),
        ("SALES_1", "US", SearchText("sales_1", None)),
        ("%", "US", SearchText("%", None)),
        ("+", "US", SearchText("+", None)),
        ("-", "US", SearchText("-", None)),
        ("tel:", "US", SearchText("tel:", None)),
        # Formatted.
        ("(418) 898-4760", "US", SearchText("(418) 898-4760", "4188984760")),
        ("(418) 898", "US", SearchText("(418) 898", "418898")),
        ("898-4760", "US", SearchText("898-4760", "8984760")),
        ("+1 (418)", None, SearchText("+1 (418)", "+1418")),
        ("418-", "US", SearchText("418-", "418")),
        ("tel:+1-418-898-4760", None, SearchText("tel:+1-418-898-4760", "+14188984760")),
        ("+44 (0)20 79", None, SearchText("+44 (0)20 79", "+442079")),
        ("00 44 20 7946 0958", None, SearchText("00 44 20 7946 0958", "+442079460958")),
        ("\uff0b\uff11 \uff14\uff11\uff18", None, SearchText("\uff0b\uff11 \uff14\uff11\uff18", "+1418")),
        # National, with a trunk prefix.
        ("020 7946 0958", "GB", SearchText("020 7946 0958", "+442079460958")),
        ("02079460958", "GB", SearchText("02079460958", "+442079460958")),
        ("0207946", "GB", SearchText("0207946", "+44207946")),
        ("00442079", None, SearchText("00442079", "+442079")),
        ("(020) 7946", "GB", SearchText("(020) 7946", "+44207946")),
        ("020 7946 0958", "US", SearchText("020 7946 0958", "02079460958")),
        ("030 9018", "DE", SearchText("030 9018", "+49309018")),
        ("06 698 123", "IT", SearchText("06 698 123", "06698123")),
        ("8 (912) 345", "RU", SearchText("8 (912) 345", "+7912345")),
        ("800 555-35", "RU", SearchText("800 555-35", "80055535")),
        ("011 15-2345-6789", "AR", SearchText("011 15-2345-6789", "+5491123456789")),
        # Pasted with more than the text.
        ("(416) 555-0100\n", "US", SearchText("(416) 555-0100", "4165550100")),
        ("\t416 555 0100", "US", SearchText("416 555 0100", "4165550100")),
        ("\u202a416 555 0100\u202c", "US", SearchText("416 555 0100", "4165550100")),
        ("416\t555\t0100", "US", SearchText("4165550100", None)),
        (" front desk\n", "US", SearchText("front desk", None)),
        ("\ufefffront\u200b desk", "US", SearchText("front desk", None)),
        (" \u200b", "US", SearchText("", None)),
        ("a\nb", "US", None),
        ("\x00", "US", None),
    ],
)
def test_a_search_text_means_part_of_a_number_or_of_a_tag(
    text: str, region: str | None, meaning: SearchText | None
) -> None:
    assert search_text(text, region) == meaning
    if not depends_on_region(text):
        assert search_text(text) == meaning


def test_a_prefix_is_read_with_or_without_the_plus() -> None:
    assert search_digits("+1 (418)") == search_digits("1418") == search_digits("\uff11418") == "1418"


@pytest.mark.parametrize("character", ["4", "0", "é", "\u200b", " "])
def test_a_text_of_millions_of_characters_is_found_nowhere(character: str) -> None:
    text = character * 4_000_000
    assert search_text(text, "GB") is None
    assert not is_blank(text)
    assert not depends_on_region(text)
    assert search_digits(text) == ""


def test_the_formats_that_are_shown_find_their_number() -> None:
    kinds = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for example in filter(None, (phonenumbers.example_number_for_type(region, kind) for kind in kinds)):
            number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
            for text in (national_format(number), international_format(number)):
                meaning = search_text(text, region)
                assert meaning is not None
                assert meaning.folded in number or (meaning.digits or "-") in number
