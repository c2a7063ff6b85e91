"""Files → answers with proof. Knows nothing of the web (`ui`) or of evaluation (`eval`)."""
