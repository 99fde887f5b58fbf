"""A small EPJ: a site of its own, on another address, from which Sundhedsjournal is opened with the patient in context."""
