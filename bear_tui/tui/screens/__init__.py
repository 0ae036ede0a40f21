"""The screens that a person navigates to: each lays out, binds keys and translates."""
