"""Amounts of money as integers in minor units. No float, ever."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Money:
    """An amount in the smallest unit of its currency: Money(1250, "EUR") is 12.50 EUR."""

    minor_units: int
    currency: str  # ISO 4217 code

    def __post_init__(self) -> None:
        if isinstance(self.minor_units, bool) or not isinstance(self.minor_units, int):
            raise TypeError(f"minor_units must be an int, not {type(self.minor_units).__name__}")

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor_units + other.minor_units, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor_units - other.minor_units, self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.minor_units * quantity, self.currency)

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")


def format_money(minor_units: int, currency: str, language: str = "fr") -> str:
    """Write an amount as people read it: 125000 EUR is "1 250,00 €" in French and "€1,250.00" in English.

    Spaces are no-break ones, so that an amount never wraps.
    """
    sign = "-" if minor_units < 0 else ""
    whole, cents = divmod(abs(minor_units), 100)
    symbol = {"EUR": "€", "GBP": "£", "CHF": "CHF", "USD": "$"}.get(currency, currency)
    if language == "en":
        return f"{sign}{symbol}{whole:,}.{cents:02d}"
    grouped = f"{whole:,}".replace(",", "\u202f")
    return f"{sign}{grouped},{cents:02d}\u00a0{symbol}"
