"""The treatment relation between who looks and whom it is about: a question, and two who can answer it (ADR 0024)."""
