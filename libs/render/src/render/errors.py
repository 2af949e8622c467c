"""What can be wrong with a template or with what it is filled with. Both name the place and the reason."""


class InvalidTemplate(ValueError):
    """A template that cannot be used. `field` is a path such as `elements[3].size_pt`."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class InvalidData(ValueError):
    """Data that the template cannot take. `field` is a path such as `lines[2].total`."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
