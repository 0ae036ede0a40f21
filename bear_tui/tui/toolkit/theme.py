"""The look: quiet surfaces, one honey accent. Styles that screens share are in app.tcss."""

from textual.theme import Theme


def _theme(
    name: str,
    *,
    dark: bool,
    primary: str,
    secondary: str,
    foreground: str,
    background: str,
    surface: str,
    panel: str,
    success: str,
    warning: str,
    error: str,
    muted: str,
    border: str,
    border_blurred: str,
    keys: str,
    cursor_blurred: str,
    selection: str,
) -> Theme:
    """A theme in which one colour means one thing everywhere.

    `keys` is the text of the line of keys, `cursor_blurred` lies behind the row under a cursor
    that has no keyboard, `selection` behind chosen text.
    """
    return Theme(
        name=name,
        dark=dark,
        primary=primary,
        secondary=secondary,
        accent=primary,
        foreground=foreground,
        background=background,
        surface=surface,
        panel=panel,
        success=success,
        warning=warning,
        error=error,
        variables={
            "muted": muted,
            "border": border,
            "border-blurred": border_blurred,
            "footer-background": surface,
            "footer-foreground": keys,
            "footer-key-foreground": primary,
            "footer-description-foreground": keys,
            "block-cursor-background": primary,
            "block-cursor-foreground": background,
            "block-cursor-blurred-background": cursor_blurred,
            "block-cursor-blurred-foreground": foreground,
            "input-selection-background": selection,
            "text-success": success,
            "text-warning": warning,
            "text-error": error,
            "foreground-muted": muted,
        },
    )


DARK = _theme(
    "bear-dark",
    dark=True,
    primary="#e0a94a",
    secondary="#79b4c9",
    foreground="#dedad2",
    background="#141312",
    surface="#1d1b19",
    panel="#2b2825",
    success="#9cc276",
    warning="#ecc667",
    error="#f0857a",
    muted="#a39c8f",
    border="#5c564c",
    border_blurred="#45403a",
    keys="#b1aa9d",
    cursor_blurred="#3a362f",
    selection="#e0a94a 35%",
)

LIGHT = _theme(
    "bear-light",
    dark=False,
    primary="#855300",
    secondary="#1f6178",
    foreground="#2b2926",
    background="#fbf9f5",
    surface="#f2efe9",
    panel="#e6e1d8",
    success="#3b6a17",
    warning="#9e4000",
    error="#ab2119",
    muted="#645e54",
    border="#a89f8e",
    border_blurred="#c9c1b3",
    keys="#5c564c",
    cursor_blurred="#e0dacf",
    selection="#855300 25%",
)

CONTRAST = _theme(
    "bear-contrast",
    dark=True,
    primary="#ffd75f",
    secondary="#87d7ff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#303030",
    success="#87ff87",
    warning="#ff8700",
    error="#ff8787",
    muted="#d0d0d0",
    border="#bcbcbc",
    border_blurred="#808080",
    keys="#ffffff",
    cursor_blurred="#444444",
    selection="#005f87",
)
"""Only colours of the 256: a terminal that has no more shows it as it is meant."""

OWN = (DARK, LIGHT, CONTRAST)

OWN_VARIABLES = {"muted": "#8a8a8a"}
"""What our styles use beside Textual's variables; for other themes legible() finds it."""
