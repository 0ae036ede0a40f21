"""Pure functions from values to text: charts, tables, reports, half blocks. No widget, no app."""
