"""Facts → report: the evaluation suite."""
