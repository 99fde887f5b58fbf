"""What this room tells MinLog: who looked, why, and how a message leaves the house; the rest is audit.minlog's."""
