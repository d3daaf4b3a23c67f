"""From a question to cited answers: retrieve, read, rerank, cite, serve."""
