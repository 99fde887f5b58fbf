"""The nation's own log of who has looked (MinLog): what is owed to it, and how it gets there (ADR 0035)."""
