"""Chat templates as transformers renders them."""

from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment


def render(template: str, question: str, *, placeholder: dict[str, Any] | None = None, **variables: Any) -> str:
    """One question about one picture, with the words that let the model begin its answer."""
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    content = [placeholder or {"type": "image"}, {"type": "text", "text": question}]
    messages = [{"role": "user", "content": content}]
    return environment.from_string(template).render(messages=messages, add_generation_prompt=True, **variables)
