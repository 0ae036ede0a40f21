"""A Textual app with a header, a text and a footer: what any app takes to its first frame."""

from textual.app import App, ComposeResult
from textual.widgets import Footer, Header, Static


class BareApp(App[None]):
    """The least that looks like an app."""

    TITLE = "Bare"
    BINDINGS = [("q", "quit", "quit")]

    def compose(self) -> ComposeResult:
        """Yield what is shown."""
        yield Header()
        yield Static("Nothing is computed here.")
        yield Footer()


if __name__ == "__main__":
    BareApp().run()
