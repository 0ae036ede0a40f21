"""The look: quiet surfaces, one honey accent. Styles that screens share are in app.tcss."""

from textual.theme import Theme

DARK = Theme(
    name="bear-dark",
    dark=True,
    primary="#e0a94a",
    secondary="#79b4c9",
    accent="#e0a94a",
    foreground="#dedad2",
    background="#141312",
    surface="#1d1b19",
    panel="#2b2825",
    success="#9cc276",
    warning="#ecc667",
    error="#f0857a",
    variables={
        "muted": "#a39c8f",
        "border": "#5c564c",
        "border-blurred": "#45403a",
        "footer-background": "#1d1b19",
        "footer-foreground": "#b1aa9d",
        "footer-key-foreground": "#e0a94a",
        "footer-description-foreground": "#b1aa9d",
        "block-cursor-background": "#e0a94a",
        "block-cursor-foreground": "#141312",
        "block-cursor-blurred-background": "#3a362f",
        "block-cursor-blurred-foreground": "#dedad2",
        "input-selection-background": "#e0a94a 35%",
        "text-success": "#9cc276",
        "text-warning": "#ecc667",
        "text-error": "#f0857a",
        "foreground-muted": "#a39c8f",
    },
)

LIGHT = Theme(
    name="bear-light",
    dark=False,
    primary="#855300",
    secondary="#1f6178",
    accent="#855300",
    foreground="#2b2926",
    background="#fbf9f5",
    surface="#f2efe9",
    panel="#e6e1d8",
    success="#3b6a17",
    warning="#855300",
    error="#ab2119",
    variables={
        "muted": "#645e54",
        "border": "#a89f8e",
        "border-blurred": "#c9c1b3",
        "footer-background": "#f2efe9",
        "footer-foreground": "#5c564c",
        "footer-key-foreground": "#855300",
        "footer-description-foreground": "#5c564c",
        "block-cursor-background": "#855300",
        "block-cursor-foreground": "#fbf9f5",
        "block-cursor-blurred-background": "#e0dacf",
        "block-cursor-blurred-foreground": "#2b2926",
        "input-selection-background": "#855300 25%",
        "text-success": "#3b6a17",
        "text-warning": "#855300",
        "text-error": "#ab2119",
        "foreground-muted": "#645e54",
    },
)

CONTRAST = Theme(
    name="bear-contrast",
    dark=True,
    primary="#ffd75f",
    secondary="#87d7ff",
    accent="#ffd75f",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#303030",
    success="#87ff87",
    warning="#ffd75f",
    error="#ff8787",
    variables={
        "muted": "#d0d0d0",
        "border": "#bcbcbc",
        "border-blurred": "#808080",
        "footer-background": "#000000",
        "footer-foreground": "#ffffff",
        "footer-key-foreground": "#ffd75f",
        "footer-description-foreground": "#ffffff",
        "block-cursor-background": "#ffd75f",
        "block-cursor-foreground": "#000000",
        "block-cursor-blurred-background": "#444444",
        "block-cursor-blurred-foreground": "#ffffff",
        "input-selection-background": "#005f87",
        "text-success": "#87ff87",
        "text-warning": "#ffd75f",
        "text-error": "#ff8787",
        "foreground-muted": "#d0d0d0",
    },
)
"""Only colours of the 256: a terminal that has no more shows it as it is meant."""

OWN = (DARK, LIGHT, CONTRAST)

OWN_VARIABLES = {"muted": "#8a8a8a"}
"""What our styles use beside Textual's variables, for themes that are not ours."""
