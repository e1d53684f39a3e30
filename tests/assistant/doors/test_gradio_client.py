"""The chat page is for people: gradio_client finds no function to call, and the API is what programs use."""

from __future__ import annotations

import pytest
from gradio_client import Client


def test_gradio_client_finds_nothing_to_call(served):
    client = Client(served.url, verbose=False, analytics_enabled=False)
    try:
        assert client.view_api(return_format="dict") == {"named_endpoints": {}, "unnamed_endpoints": {}}
        with pytest.raises(ValueError, match="api_name"):
            client.predict("Quel est le taux du plan Halles ?", api_name="/question_sent")
    finally:
        client.close()
