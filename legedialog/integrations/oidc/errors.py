"""Why a login did not happen: stable codes for the log and the page."""


class LoginFailed(Exception):
    """`code` is one of the keys of integrations.login.texts.PAGES, or another that has the page `bad-answer`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
