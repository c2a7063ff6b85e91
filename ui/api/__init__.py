"""The HTTP API: JSON and server-sent events under `/api/v1/`, the OpenAI form under `/v1/`."""
