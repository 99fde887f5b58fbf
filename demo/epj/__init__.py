"""A small EPJ: a site of its own, on another address, from which Sundhedsjournal is opened for a patient."""
