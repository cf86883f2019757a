"""Forms: what people type, as the actions take it. What is allowed, the actions say."""
