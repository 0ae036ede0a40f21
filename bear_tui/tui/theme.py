"""The look: quiet surfaces, one honey accent. Styles that screens share are in app.tcss."""

from textual.theme import Theme

BEAR = Theme(
    name="bear",
    dark=True,
    primary="#d9a441",
    secondary="#7fa7b8",
    accent="#d9a441",
    foreground="#d9d5cd",
    background="#151413",
    surface="#1c1b19",
    panel="#2a2825",
    success="#94b86e",
    warning="#e0b85c",
    error="#e5746a",
    variables={
        "muted": "#9a9488",
        "border": "#4a463f",
        "border-blurred": "#35322d",
        "footer-background": "#1c1b19",
        "footer-key-foreground": "#d9a441",
        "footer-description-foreground": "#a39d91",
        "block-cursor-background": "#d9a441",
        "block-cursor-foreground": "#151413",
        "block-cursor-blurred-background": "#3a362f",
        "block-cursor-blurred-foreground": "#d9d5cd",
        "input-selection-background": "#d9a441 35%",
    },
)

BEAR_LIGHT = Theme(
    name="bear-light",
    dark=False,
    primary="#8a5a00",
    secondary="#2f6577",
    accent="#8a5a00",
    foreground="#2b2926",
    background="#faf8f4",
    surface="#f1eee8",
    panel="#e4dfd6",
    success="#42701d",
    warning="#8a5a00",
    error="#b3261e",
    variables={
        "muted": "#6b655a",
        "border": "#bdb5a6",
        "border-blurred": "#d6d0c4",
        "footer-background": "#f1eee8",
        "footer-key-foreground": "#8a5a00",
        "footer-description-foreground": "#6b655a",
        "block-cursor-background": "#8a5a00",
        "block-cursor-foreground": "#faf8f4",
        "block-cursor-blurred-background": "#e4dfd6",
        "block-cursor-blurred-foreground": "#2b2926",
    },
)

OWN_VARIABLES = {"muted": "#8a8a8a"}
"""What our styles use beside Textual's variables, for themes that are not ours."""
