"""Reading the log by machine: GET /fhir/AuditEvent for a log controller's system (ADR 0034)."""
