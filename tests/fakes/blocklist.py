"""A short list of common passwords."""


class FakeBlocklist:
    """PasswordBlocklist of a few. asked: how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def contains(self, text: str) -> bool:
        """Whether it is one of them."""
        self.asked += 1
        return text in {"password", "qwerty", "123456", "iloveyou", "1q2w3e4r5t6y7u8i9o"}
