"""Files that browsers save: under their own name, whatever its letters."""

from __future__ import annotations

import pytest

from assistant.web.shared.attachments import attached


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("echanges.csv", 'attachment; filename="echanges.csv"'),
        ("marché couvert.txt", "attachment; filename*=UTF-8''march%C3%A9%20couvert.txt"),
        ('a"; b.txt', "attachment; filename*=UTF-8''a%22%3B%20b.txt"),
    ],
)
def test_a_file_is_saved_under_its_name(name: str, said: str) -> None:
    response = attached(b"x", "text/plain", name)
    assert response.headers["content-disposition"] == said
    assert response.headers["x-content-type-options"] == "nosniff"
