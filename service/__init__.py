"""From a question to cited answers: retrieve, rerank, cite, serve."""
